BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE asks (
	id TEXT NOT NULL, 
	question TEXT NOT NULL, 
	place TEXT NOT NULL, 
	thread TEXT NOT NULL, 
	unasked TEXT, 
	asker TEXT NOT NULL, 
	text TEXT, 
	outcome TEXT NOT NULL, 
	confidence DOUBLE NOT NULL, 
	candidates TEXT NOT NULL, 
	offered INTEGER NOT NULL, 
	entry TEXT, 
	created_at DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (question), 
	UNIQUE (unasked)
);
INSERT INTO "asks" VALUES('a1','slack:T1:C1:1.0','{"platform":"slack","workspace":"T1","channel":"C1","thread":"1.0","private_to":null,"handle":null}','slack:T1:C1:1.0','slack:T1:C1:1.0','U1','合成データは？','suggestions',0.41,'[{"entry":"yamada-1","score":3.5,"confidence":0.41},{"entry":"sato-2","score":2.25,"confidence":0.3}]',2,NULL,1790000020.0);
INSERT INTO "asks" VALUES('a2','discord::D7:2.0','{"platform":"discord","workspace":"","channel":"D7","thread":null,"private_to":"77","handle":null}','discord::D7:2.0',NULL,'77',NULL,'answer',0.41,'[{"entry":"yamada-1","score":3.5,"confidence":0.41},{"entry":"sato-2","score":2.25,"confidence":0.3}]',2,'yamada-1',1790000020.0);
CREATE TABLE escalations (
	id TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	ask TEXT NOT NULL, 
	place TEXT NOT NULL, 
	member TEXT NOT NULL, 
	name TEXT NOT NULL, 
	text TEXT NOT NULL, 
	state TEXT NOT NULL, 
	created_at DOUBLE NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (digest)
);
INSERT INTO "escalations" VALUES('e1','0e96b49e8267df083c163aa3e4f646241f450e7a17991fdf7ae505279b50f4e2','a1','{"platform":"slack","workspace":"T1","channel":"C1","thread":"1.0","private_to":null,"handle":null}','U1','明美','合成データは何ですか','open',1790000020.0);
INSERT INTO "escalations" VALUES('e2','2d616685c97a84955af95c12e6db78e873293d784a8951bc3c594ff74b41e060','','{"platform":"discord","workspace":"","channel":"D7","thread":null,"private_to":"77","handle":null}','77','Kenta','録画はいつ公開されますか','open',1790000020.0);
CREATE TABLE handled (
	question TEXT NOT NULL, 
	handled_at DOUBLE NOT NULL, 
	PRIMARY KEY (question)
);
INSERT INTO "handled" VALUES('e2',1790000020.0);
CREATE TABLE inbox (
	seq INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	payload TEXT, 
	received_at DOUBLE NOT NULL, 
	done_at DOUBLE, 
	outcome TEXT, 
	owner TEXT, 
	lease_until DOUBLE DEFAULT 0 NOT NULL, 
	fence INTEGER DEFAULT 0 NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE ("key")
);
INSERT INTO "inbox" VALUES(1,'slack:T1:C1:0.9','question',NULL,1790000000.0,1790000001.0,'answer','old',0.0,1,1);
INSERT INTO "inbox" VALUES(2,'slack:T1:C1:1.0','question','{"ref":{"place":{"platform":"slack","workspace":"T1","channel":"C1","thread":"1.0","private_to":null,"handle":"https://example.org/once"},"message":"1.0"},"asker":{"id":"U1","name":"明美"},"text":"合成データは？ 𠮷 👍","addressed":false,"entry":null}',1790000010.0,NULL,NULL,NULL,0.0,0,0);
INSERT INTO "inbox" VALUES(3,'discord::D7:2.0','question','{"ref":{"place":{"platform":"discord","workspace":"","channel":"D7","thread":null,"private_to":"77","handle":"token"},"message":"2.0"},"asker":{"id":"77","name":""},"text":"録画は","addressed":true,"entry":"yamada-1"}',1790000011.0,NULL,NULL,NULL,0.0,0,0);
INSERT INTO "inbox" VALUES(4,'i1','press','{"id":"i1","action":"choose","ask":"a1","argument":"2","by":{"id":"U2","name":"健太"},"on":{"place":{"platform":"slack","workspace":"T1","channel":"C1","thread":"1.0","private_to":null,"handle":"https://example.org/once"},"message":"9.0"}}',1790000012.0,NULL,NULL,NULL,0.0,0,0);
INSERT INTO "inbox" VALUES(5,'f1','form','{"id":"f1","ask":"a1","text":"講師へ\n質問","by":{"id":"U3","name":"花子"},"where":{"platform":"discord","workspace":"","channel":"D7","thread":null,"private_to":"77","handle":"token"}}',1790000013.0,NULL,NULL,NULL,0.0,0,0);
CREATE TABLE outbox (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	once TEXT NOT NULL, 
	ask TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	payload TEXT, 
	state TEXT NOT NULL, 
	message TEXT, 
	reason TEXT, 
	due DOUBLE NOT NULL, 
	wait DOUBLE DEFAULT 0 NOT NULL, 
	tried_at DOUBLE, 
	created_at DOUBLE NOT NULL, 
	done_at DOUBLE, 
	owner TEXT, 
	lease_until DOUBLE DEFAULT 0 NOT NULL, 
	fence INTEGER DEFAULT 0 NOT NULL, 
	attempts INTEGER DEFAULT 0 NOT NULL, 
	PRIMARY KEY (seq), 
	UNIQUE (id), 
	UNIQUE (once)
);
INSERT INTO "outbox" VALUES(1,'o1','a1:reply','a1','slack:T1:C1','{"id":"o1","to":{"platform":"slack","workspace":"T1","channel":"C1","thread":"1.0","private_to":null,"handle":"https://example.org/once"},"kind":"thread","edits":null,"parts":[["say",{"text":"近いものがあります。"}],["quote",{"text":"はい。\n使っています 👍"}],["credit",{"lecturer":"山田 先生","talk":"合成データ入門","links":["https://example.org/a","https://example.org/b"]}],["credit",{"lecturer":"佐藤 先生","talk":"","links":[]}],["small",{"text":"一致: 合成データ"}]],"buttons":[{"label":"label useful","action":"useful","ask":"a1","argument":"0"},{"label":"label wrong","action":"wrong","ask":"a1","argument":"0-1"},{"label":"label retract","action":"retract","ask":"a1","argument":"2"},{"label":"label choose","action":"choose","ask":"a1","argument":"1"},{"label":"label none","action":"none","ask":"a1","argument":""},{"label":"label lecturer","action":"lecturer","ask":"a1","argument":""},{"label":"label share","action":"share","ask":"a1","argument":"0"},{"label":"label again","action":"again","ask":"a1","argument":""}],"ping":"U1"}','pending',NULL,NULL,1790000036.0,5.0,1790000030.0,1790000020.0,NULL,NULL,0.0,1,1);
INSERT INTO "outbox" VALUES(2,'o2','form:f9','','discord::D7','{"id":"o2","to":{"platform":"discord","workspace":"","channel":"D7","thread":null,"private_to":"77","handle":"token"},"kind":"private","edits":null,"parts":[["say",{"text":"送りました。"}]],"buttons":[],"ping":null}','pending',NULL,NULL,1790000036.0,5.0,1790000030.0,1790000020.0,NULL,NULL,0.0,1,1);
INSERT INTO "outbox" VALUES(3,'o3','a1:retract:show:0','a1','slack:T1:C2','{"id":"o3","to":{"platform":"slack","workspace":"T1","channel":"C2","thread":"1.0","private_to":null,"handle":"https://example.org/once"},"kind":"edit","edits":"8.0","parts":[["small",{"text":"取り消しました。"}]],"buttons":[],"ping":null}','unknown',NULL,NULL,1790000036.0,5.0,1790000030.0,1790000020.0,NULL,NULL,0.0,1,1);
INSERT INTO "outbox" VALUES(4,'o4','escalation:e1','','slack:T1:C9',NULL,'sent','{"place":{"platform":"slack","workspace":"T1","channel":"C9","thread":null,"private_to":null,"handle":null},"message":"5.0"}',NULL,1790000020.0,0.0,1790000030.0,1790000020.0,1790000031.0,'old',1790000090.0,1,1);
INSERT INTO "outbox" VALUES(5,'o5','a2:reply','a2','slack:T1:C3','{"id":"o5","to":{"platform":"slack","workspace":"T1","channel":"C3","thread":"1.0","private_to":null,"handle":"https://example.org/once"},"kind":"thread","edits":null,"parts":[["say",{"text":"途中"}]],"buttons":[],"ping":null}','sending',NULL,NULL,1790000020.0,0.0,1790000030.0,1790000020.0,NULL,'old',1790000090.0,1,1);
CREATE TABLE ratings (
	ask TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	member TEXT NOT NULL, 
	entry TEXT NOT NULL, 
	value TEXT NOT NULL, 
	rated_at DOUBLE NOT NULL, 
	PRIMARY KEY (ask, position, member)
);
INSERT INTO "ratings" VALUES('a2',0,'77','yamada-1','useful',1790000020.0);
INSERT INTO "ratings" VALUES('a2',0,'U2','yamada-1','wrong',1790000020.0);
CREATE TABLE watches (
	channel TEXT NOT NULL, 
	watched BOOLEAN NOT NULL, 
	changed_by TEXT NOT NULL, 
	changed_at DOUBLE NOT NULL, 
	PRIMARY KEY (channel)
);
INSERT INTO "watches" VALUES('slack:T1:C1',1,'U1',1790000020.0);
CREATE INDEX ix_asks_thread ON asks (thread);
CREATE INDEX inbox_open ON inbox (seq) WHERE done_at IS NULL;
CREATE INDEX ix_outbox_ask ON outbox (ask);
CREATE INDEX outbox_open ON outbox (channel, seq) WHERE done_at IS NULL;
COMMIT;
