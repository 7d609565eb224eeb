"""``python -m tests.proofs``: trouble the bot, and judge by what the fakes hold.

python -m tests.proofs faults --only kills --trials 20    one kind, prints only
"""
import asyncio, argparse, tempfile
from pathlib import Path
from tests.proofs import troubles
from tests.proofs.troubles import Stage
def main():
    p=argparse.ArgumentParser(); p.add_argument("only"); p.add_argument("--trials",type=int,default=20); p.add_argument("--seed",type=int,default=1); a=p.parse_args()
    with tempfile.TemporaryDirectory() as d:
        try:
            asyncio.run(getattr(troubles,a.only)(Stage(Path(d),a.seed,a.trials)))
        finally:
            import shutil; shutil.rmtree("/tmp/p1/last",ignore_errors=True); shutil.copytree(d,"/tmp/p1/last",ignore_dangling_symlinks=True)
if __name__=="__main__": main()
