"""What ``deploy/`` names is what there is: settings, ports, probes, users, metrics."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from adapters.cli import config
from adapters.web import HttpSettings
from adapters.web.server import listening, serving
from bot.telemetry import Health
from bot.telemetry.metrics import Metrics
from tests.platforms.test_web import free_port, get

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
USER = int(re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[0])
PORT = HttpSettings().port
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
UNIT = (DEPLOY / "systemd/faqbot.service").read_text(encoding="utf-8")
OBJECTS: list[dict[str, Any]] = [
    each
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for each in yaml.safe_load_all(file.read_text(encoding="utf-8"))
]
RULES = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text(encoding="utf-8"))
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
DASHBOARD = json.loads((DEPLOY / "grafana/dashboard.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/operators/deploy.md").read_text(encoding="utf-8")

TOKENS = {
    "slack_bot_token": "xoxb-1",
    "slack_app_token": "xapp-1",
    "slack_signing_secret": "0" * 32,
    "discord_token": "MTk4.x.y",
    "database_url": "postgresql+psycopg://faqbot@postgres/faqbot",
}
"""What may stand in each file of secrets."""

NOT_OURS = {"TZ", "POD_INDEX"}

NOT_DRAWN = {
    "process_virtual_memory_bytes": "says nothing of a process that maps files",
    "process_max_fds": "a limit that doesn't change; an alert compares with it",
}
"""Metrics that the dashboard leaves out."""


@pytest.fixture
async def base() -> AsyncIterator[str]:
    """The address of a process that serves."""
    settings = HttpSettings(port=free_port())
    with listening(settings) as sockets:
        async with serving(sockets, Health(), Metrics()):
            yield f"http://127.0.0.1:{settings.port}"


def kind(name: str) -> list[dict[str, Any]]:
    return [each for each in OBJECTS if each["kind"] == name]


WORKLOADS = [*kind("Deployment"), *kind("StatefulSet")]


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workload["spec"]["template"]
    return found


def container(workload: dict[str, Any]) -> dict[str, Any]:
    (found,) = pod(workload)["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def environments() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield what each way to run the bot sets."""
    yield "compose", COMPOSE["services"]["bot"]["environment"]
    lines = re.findall(r"^Environment=(.*)$", UNIT, re.MULTILINE)
    yield "systemd", dict(each.split("=", 1) for line in lines for each in line.split())
    (settings,) = kind("ConfigMap")
    for each in WORKLOADS:
        given = {one["name"]: one.get("value", "0") for one in container(each)["env"]}
        of_pod = {name: value.replace("$(POD_INDEX)", "0") for name, value in given.items()}
        yield each["metadata"]["name"], settings["data"] | of_pod


@pytest.mark.parametrize(("way", "given"), list(environments()), ids=lambda each: str(each)[:14])
def test_every_setting_exists_and_is_of_the_right_kind(
    way: str, given: dict[str, str], tmp_path: Path
) -> None:
    for name, text in TOKENS.items():
        (tmp_path / name).write_text(text)
    here = {
        name: str(tmp_path / Path(value).name) if name.endswith("_FILE") else value
        for name, value in given.items()
        if name not in NOT_OURS
    }

    found = config.load(here, tmp_path)

    assert {} == found.misnamed
    assert {} == found.faults()
    assert any(name.endswith("_TOKEN_FILE") for name in here), f"{way} serves nothing"


def test_a_secret_that_a_setting_names_is_mounted_there() -> None:
    bot = COMPOSE["services"]["bot"]
    named = {value for name, value in bot["environment"].items() if name.endswith("_FILE")}
    assert {f"/run/secrets/{each}" for each in bot["secrets"]} == named
    used = {each for service in COMPOSE["services"].values() for each in service["secrets"]}
    assert used == COMPOSE["secrets"].keys()

    credentials = dict(re.findall(r"^LoadCredential=(\w+):(.*)$", UNIT, re.MULTILINE))
    assert set(re.findall(r"_FILE=%d/(\w+)", UNIT)) == credentials.keys()

    for way, given in environments():
        for name, value in given.items():
            if way.startswith("faqbot-") and name.endswith("_FILE"):
                assert Path(value).name in PAGE, "the page doesn't say to make it"
                assert value.startswith("/run/secrets/faqbot/")
    for each in WORKLOADS:
        mounts = {one["name"]: one["mountPath"] for one in container(each)["volumeMounts"]}
        assert mounts["secrets"] == "/run/secrets/faqbot"


def test_compose_starts_the_database_first_and_keeps_what_is_stored() -> None:
    bot, database = COMPOSE["services"]["bot"], COMPOSE["services"]["postgres"]

    assert bot["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert database["healthcheck"]["test"][1] == "pg_isready"
    named = {f"{name}:" for name in COMPOSE["volumes"]}
    for service, place in ((bot, "/app/var"), (database, "/var/lib/postgresql/data")):
        assert service["read_only"] is True
        assert {f"{name}{place}" for name in named} & set(service["volumes"])
    assert bot["ports"] == [f"127.0.0.1:{PORT}:{PORT}"], "health is nobody else's business"
    assert "HEALTHCHECK" in DOCKERFILE
    assert int(bot["stop_grace_period"].rstrip("s")) > 10


def test_each_manifest_is_what_kubernetes_expects() -> None:
    for version in ("1.28", "1.31", "1.34"):
        for each in OBJECTS:
            kubernetes_validate.validate(each, version, strict=True)


def test_a_manifest_with_a_typing_error_is_refused() -> None:
    (wrong, *_) = kind("Deployment")
    wrong = json.loads(json.dumps(wrong))
    wrong["spec"]["template"]["spec"]["containers"][0]["readinesProbe"] = {}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.31", strict=True)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each["metadata"]["name"])
async def test_a_pod_is_probed_where_the_bot_answers(workload: dict[str, Any], base: str) -> None:
    bot = container(workload)
    ports = {each["name"]: each["containerPort"] for each in bot["ports"]}
    assert ports == {"http": PORT}
    assert "FAQBOT_HTTP__HOST=0.0.0.0" in DOCKERFILE
    probes = {name: bot[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    paths = {name: each["path"] for name, each in probes.items()}
    assert paths == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    assert {each["port"] for each in probes.values()} == {"http"}
    scraped = pod(workload)["metadata"]["annotations"]
    assert scraped["prometheus.io/port"] == str(PORT)
    for path in (*paths.values(), scraped["prometheus.io/path"]):
        assert (await get(base + path))[0] in (200, 503)


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda each: each["metadata"]["name"])
def test_a_pod_may_write_to_var_alone_and_is_nobody(workload: dict[str, Any]) -> None:
    bot, spec = container(workload), pod(workload)["spec"]
    assert bot["image"] == f"faqbot:{VERSION}"
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == USER
    assert bot["securityContext"]["readOnlyRootFilesystem"] is True
    assert bot["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert spec["automountServiceAccountToken"] is False
    writable = [each["mountPath"] for each in bot["volumeMounts"] if not each.get("readOnly")]
    assert writable == ["/app/var"]
    assert spec["terminationGracePeriodSeconds"] > 10 + 5


def test_whatever_selects_pods_selects_those_there_are() -> None:
    labels = {each["metadata"]["name"]: pod(each)["metadata"]["labels"] for each in WORKLOADS}

    def selected(selector: dict[str, str]) -> set[str]:
        return {name for name, found in labels.items() if selector.items() <= found.items()}

    for each in WORKLOADS:
        name = each["metadata"]["name"]
        assert selected(each["spec"]["selector"]["matchLabels"]) == {name}
    for each in kind("Service"):
        assert selected(each["spec"]["selector"]) == {each["metadata"]["name"]}
        assert [port["targetPort"] for port in each["spec"]["ports"]] == ["http"]
    for each in kind("PodDisruptionBudget"):
        (name,) = selected(each["spec"]["selector"]["matchLabels"])
        (workload,) = (one for one in WORKLOADS if one["metadata"]["name"] == name)
        kept = each["spec"].get("minAvailable", 0)
        assert kept < workload["spec"]["replicas"], "no node could ever be emptied"
    several = {each["metadata"]["name"] for each in WORKLOADS if each["spec"]["replicas"] > 1}
    assert {each["metadata"]["name"] for each in kind("PodDisruptionBudget")} == several
    (policy,) = kind("NetworkPolicy")
    assert selected(policy["spec"]["podSelector"]["matchLabels"]) == labels.keys()


def test_every_shard_of_discord_has_its_pod() -> None:
    (discord,) = kind("StatefulSet")
    given, standby = (
        {each["name"]: each.get("value") for each in container(workload)["env"]}
        for workload in (discord, *kind("Deployment"))
        if "discord" in workload["metadata"]["name"]
    )

    assert given["FAQBOT_DISCORD__SHARD_COUNT"] == str(discord["spec"]["replicas"])
    assert given["FAQBOT_DISCORD__SHARDS"] == "[$(POD_INDEX)]"
    assert standby.keys() == given.keys() - {"FAQBOT_DISCORD__SHARDS", "POD_INDEX"}
    assert standby["FAQBOT_DISCORD__SHARD_COUNT"] == given["FAQBOT_DISCORD__SHARD_COUNT"]
    assert discord["spec"]["serviceName"] in {each["metadata"]["name"] for each in kind("Service")}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd isn't installed here")
def test_the_unit_is_sound_and_confined(tmp_path: Path) -> None:
    unit = tmp_path / "faqbot.service"
    unit.write_text(UNIT.replace("/opt/faqbot/bin/faqbot", sys.executable), encoding="utf-8")
    for how in (["verify"], ["security", "--offline=yes", "--threshold=20"]):
        done = subprocess.run(
            ["systemd-analyze", *how, unit], capture_output=True, text=True, check=False
        )
        assert (0, "") == (done.returncode, done.stderr), done.stdout[-300:]
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0]) > 10


@pytest.mark.skipif(not shutil.which("promtool"), reason="promtool isn't installed here")
def test_the_alerts_tell_what_they_are_for(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "prometheus/alerts.yaml", tmp_path)
    shutil.copy(Path(__file__).with_name("alerts.test.yaml"), tmp_path)

    done = subprocess.run(
        ["promtool", "test", "rules", "alerts.test.yaml"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr


async def metrics(base: str) -> set[str]:
    """Return the names of a serving process' metrics, as they are asked for."""
    suffix = {"counter": "_total", "histogram": "_bucket"}
    families = text_string_to_metric_families((await get(f"{base}/metrics"))[1])
    names = {each.name + suffix.get(each.type, "") for each in families}
    return {name for name in names if not name.endswith("_created")}  # the moment, of a counter


def named(expressions: Iterator[str]) -> set[str]:
    return {name for each in expressions for name in re.findall(r"\b(?:faqbot|process)_\w+", each)}


async def test_alerts_and_dashboard_ask_for_metrics_that_there_are(base: str) -> None:
    there = await metrics(base)
    alerts = named(each["expr"] for each in ALERTS)
    variables = named(str(each.get("query")) for each in DASHBOARD["templating"]["list"])
    panels = [each for each in DASHBOARD["panels"] if each["type"] != "row"]
    drawn = named(target["expr"] for each in panels for target in each["targets"])

    assert alerts | variables | drawn <= there
    assert drawn == there - NOT_DRAWN.keys()
    assert len({each["id"] for each in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


async def test_every_alert_and_every_metric_is_explained(base: str) -> None:
    page = (ROOT / "docs/operators/monitoring.md").read_text(encoding="utf-8")
    ours = {name.removesuffix("_bucket") for name in await metrics(base) if "faqbot" in name}

    assert [name for name in ours if f"`{name}`" not in page] == []
    assert [each["alert"] for each in ALERTS if f"`{each['alert']}`" not in page] == []
    for each in ALERTS:
        assert each["labels"]["severity"] in ("page", "ticket")
        assert each["annotations"].keys() == {"summary", "description"}
