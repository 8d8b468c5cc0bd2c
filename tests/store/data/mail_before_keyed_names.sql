BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE contact (
	source TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	contact_point TEXT NOT NULL, 
	id TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	begun BIGINT NOT NULL, 
	last BIGINT NOT NULL, 
	record TEXT NOT NULL, 
	deadline BIGINT, 
	running TEXT, 
	customer TEXT, 
	missed_at BIGINT, 
	reached_at BIGINT, 
	PRIMARY KEY (source, contact, contact_point)
);
INSERT INTO "contact" VALUES('mail','ann@host.example','support@lab.example','a4575dffd1d627a3','email',1794823200000000,1794825000000000,'{"e":[["7d587bf39169a4b7","received",1794823200000000,{"reason":"date-header"}],["c6de647e9e023b9f","replied",1794825000000000,{"reason":"date-header"}]],"l":["c","a:late_reply:7d587bf39169a4b7","o:7d587bf39169a4b7","w:reply:7d587bf39169a4b7"],"w":"2026-11-16","h":0}',NULL,NULL,'bb4a592024b34bda',NULL,NULL);
INSERT INTO "contact" VALUES('mail','bob@host.example','support@lab.example','e8cabacd953bd700','email',1794826800000000,1794828600000000,'{"e":[["48ac6c9acbc9a3bf","received",1794826800000000,{"reason":"date-header"}],["060e1a4ae45f6ff4","received",1794828600000000,{"reason":"date-header"}]],"l":["c","a:late_reply:48ac6c9acbc9a3bf","s:late_reply:48ac6c9acbc9a3bf"],"w":"2026-11-16","h":1795003260000000}',NULL,'[["reply",1794826800000000,1794841200000000,true]]','ea2bc30aa430b4eb',NULL,NULL);
INSERT INTO "contact" VALUES('mail','cy.1@host.example','support@lab.example','4ff3b2915a6c7928','email',1794830400000000,1794830400000000,'{"e":[["9555f7fce021843e","received",1794830400000000,{"reason":"date-header"}],["d62777b8e6ff41de","received",1794830400000000,{"reason":"date-header"}]],"l":["c","a:late_reply:9555f7fce021843e","s:late_reply:9555f7fce021843e"],"w":"2026-11-16","h":1795003260000000}',NULL,'[["reply",1794830400000000,1794844800000000,true]]','1740d7a91f0fb40e',NULL,NULL);
INSERT INTO "contact" VALUES('mail','dan@host.example','support@lab.example','4e9012515536c112','email',1794834000000000,1794834000000000,'{"e":[["29ce10c26a05eac4","received",1794834000000000,{"reason":"date-header"}]],"l":["s:late_reply:29ce10c26a05eac4","c","a:late_reply:29ce10c26a05eac4"],"w":"2026-11-16","h":1795003260000000}',NULL,'[["reply",1794834000000000,1794848400000000,true]]','5f6b816465ab4370',NULL,NULL);
INSERT INTO "contact" VALUES('mail','no-id:29ce10ce098f1d3v','support@lab.example','79a6cbfd061446ad','email',1794834300000000,1794834300000000,'{"e":[["29ce10ce098f1d3v","received",1794834300000000,{"reason":"date-header"}]],"l":["c","s:late_reply:29ce10ce098f1d3v","a:late_reply:29ce10ce098f1d3v"],"w":"2026-11-16","h":1795003260000000}',NULL,'[["reply",1794834300000000,1794848700000000,true]]','5f6b816465ab4370',NULL,NULL);
INSERT INTO "contact" VALUES('mail','no-id:8cd486d6d90c81d6','support@lab.example','42332302d47db677','email',1794837600000000,1794837600000000,'{"e":[["8cd486d6d90c81d6","received",1794837600000000,{"reason":"date-header"}]],"l":["c","s:late_reply:8cd486d6d90c81d6","a:late_reply:8cd486d6d90c81d6"],"w":"2026-11-16","h":1795003260000000}',NULL,'[["reply",1794837600000000,1794852000000000,true]]','851c14bcd68e5728',NULL,NULL);
INSERT INTO "contact" VALUES('mail','hal@host.example','support@lab.example','6ae2050cc1bdb44a','email',1794841200000000,1795003320000000,'{"e":[["f0b7091d74fae615","received",1794841200000000,{"reason":"date-header"}],["4c7ec1afe6027bd2","discarded",1795003320000000,{"reason":"deleted","event":"f0b7091d74fae615"}]],"l":["s:late_reply:f0b7091d74fae615","c","a:late_reply:f0b7091d74fae615"],"w":"2026-11-16","h":1795003260000000}',NULL,NULL,'2771993beb60d8aa',NULL,NULL);
INSERT INTO "contact" VALUES('mail','to.gus@host.example','support@lab.example','5a0f94864db320c4','email',1794848400000000,1794848400000000,'{"e":[["756cd90251f1724c","replied",1794848400000000,{"reason":"date-header"}]],"l":["c"],"w":"2026-11-16","h":0}',NULL,NULL,'3e1d042154869b31',NULL,NULL);
CREATE TABLE gap (
	source TEXT NOT NULL, 
	since BIGINT NOT NULL, 
	until BIGINT NOT NULL, 
	PRIMARY KEY (source, since)
)
 WITHOUT ROWID

;
CREATE TABLE named_event (
	source TEXT NOT NULL, 
	day INTEGER NOT NULL, 
	event TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	PRIMARY KEY (source, day, event, contact)
)
 WITHOUT ROWID

;
INSERT INTO "named_event" VALUES('mail',20773,'060e1a4ae45f6ff4','bob@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'29ce10c26a05eac4','dan@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'29ce10ce098f1d3v','no-id:29ce10ce098f1d3v');
INSERT INTO "named_event" VALUES('mail',20773,'48ac6c9acbc9a3bf','bob@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'756cd90251f1724c','to.gus@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'7d587bf39169a4b7','ann@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'8cd486d6d90c81d6','no-id:8cd486d6d90c81d6');
INSERT INTO "named_event" VALUES('mail',20773,'9555f7fce021843e','cy.1@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'c6de647e9e023b9f','ann@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'d62777b8e6ff41de','cy.1@host.example');
INSERT INTO "named_event" VALUES('mail',20773,'f0b7091d74fae615','hal@host.example');
INSERT INTO "named_event" VALUES('mail',20775,'4c7ec1afe6027bd2','hal@host.example');
CREATE TABLE place (
	source TEXT NOT NULL, 
	place TEXT NOT NULL, 
	contact_point TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	PRIMARY KEY (source, place)
)
 WITHOUT ROWID

;
INSERT INTO "place" VALUES('mail','address:support@lab.example','support@lab.example','email');
CREATE TABLE signal (
	source TEXT NOT NULL, 
	contact TEXT NOT NULL, 
	contact_point TEXT NOT NULL, 
	signal TEXT NOT NULL, 
	occurrence TEXT NOT NULL, 
	channel TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	waited_seconds FLOAT, 
	limit_seconds FLOAT, 
	PRIMARY KEY (source, contact, contact_point, signal, occurrence)
)
 WITHOUT ROWID

;
INSERT INTO "signal" VALUES('mail','bob@host.example','support@lab.example','late_reply','48ac6c9acbc9a3bf','email',1794841200000000,176460.0,14400.0);
INSERT INTO "signal" VALUES('mail','cy.1@host.example','support@lab.example','late_reply','9555f7fce021843e','email',1794844800000000,172860.0,14400.0);
INSERT INTO "signal" VALUES('mail','dan@host.example','support@lab.example','late_reply','29ce10c26a05eac4','email',1794848400000000,169260.0,14400.0);
INSERT INTO "signal" VALUES('mail','hal@host.example','support@lab.example','late_reply','f0b7091d74fae615','email',1794855600000000,162120.0,14400.0);
INSERT INTO "signal" VALUES('mail','no-id:29ce10ce098f1d3v','support@lab.example','late_reply','29ce10ce098f1d3v','email',1794848700000000,168960.0,14400.0);
INSERT INTO "signal" VALUES('mail','no-id:8cd486d6d90c81d6','support@lab.example','late_reply','8cd486d6d90c81d6','email',1794852000000000,165660.0,14400.0);
CREATE TABLE source (
	source TEXT NOT NULL, 
	version BIGINT NOT NULL, 
	cursor TEXT, 
	watermark BIGINT, 
	last_outbound BIGINT, 
	PRIMARY KEY (source)
)
 WITHOUT ROWID

;
INSERT INTO "source" VALUES('mail',4,'{"support@lab.example": {"INBOX": [7, 10], "Sent": [7, 4, "sent"], "Trash": [7, 2, "trash"]}}',1795003260000000,1794848400000000);
CREATE TABLE "state" (
	source TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (source, "key")
)
 WITHOUT ROWID

;
INSERT INTO "state" VALUES('mail','c:20e7996032a16101','[1794844800000000,1794844800000000,"","",["f3c6b586e083300c"],[["20e7996032a16101","replied",1794844800000000]],[],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:29ce10c26a05eac4','[1794834000000000,1794834000000000,"dan@host.example","address:support@lab.example",["5f6b816465ab4370"],[],["5f6b816465ab4370"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:29ce10ce098f1d3v','[1794834300000000,1794834300000000,"no-id:29ce10ce098f1d3v","address:support@lab.example",["5f6b816465ab4370"],[],["5f6b816465ab4370"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:48ac6c9acbc9a3bf','[1794826800000000,1794828600000000,"bob@host.example","address:support@lab.example",["ea2bc30aa430b4eb"],[],["ea2bc30aa430b4eb"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:756cd90251f1724c','[1794848400000000,1794848400000000,"to.gus@host.example","address:support@lab.example",["3e1d042154869b31"],[],[],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:7d587bf39169a4b7','[1794823200000000,1794825000000000,"ann@host.example","address:support@lab.example",["bb4a592024b34bda"],[],["bb4a592024b34bda"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:8cd486d6d90c81d6','[1794837600000000,1794837600000000,"no-id:8cd486d6d90c81d6","address:support@lab.example",["851c14bcd68e5728"],[],["851c14bcd68e5728"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:d62777b8e6ff41de','[1794830400000000,1794830400000000,"cy.1@host.example","address:support@lab.example",["1740d7a91f0fb40e"],[],["1740d7a91f0fb40e"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','c:f0b7091d74fae615','[1794841200000000,1794841200000000,"hal@host.example","address:support@lab.example",["2771993beb60d8aa"],[],["2771993beb60d8aa"],["e566ee81d8b96ca5"]]',1795003260000000);
INSERT INTO "state" VALUES('mail','engine:limits','28f6abb19ba0e4b1',1795003200000000);
INSERT INTO "state" VALUES('mail','m:060e1a4ae45f6ff4','48ac6c9acbc9a3bfc69907a32v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:20e7996032a16101','20e7996032a16101od22eb4b6v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:29ce10c26a05eac4','29ce10c26a05eac4c967dc8eev',1795003260000000);
INSERT INTO "state" VALUES('mail','m:29ce10ce098f1d3v','29ce10ce098f1d3vce098f1d3v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:48ac6c9acbc9a3bf','48ac6c9acbc9a3bfce6d32580v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:512e5aa7513be0a7','20e7996032a16101?',1795003260000000);
INSERT INTO "state" VALUES('mail','m:756cd90251f1724c','756cd90251f1724co3729e303v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:7d587bf39169a4b7','7d587bf39169a4b7c876dfaafv',1795003260000000);
INSERT INTO "state" VALUES('mail','m:8cd486d6d90c81d6','8cd486d6d90c81d6ce265ebd5v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:9555f7fce021843e','d62777b8e6ff41dec4f4c8ed4v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:c6de647e9e023b9f','7d587bf39169a4b7o40232a32v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:d62777b8e6ff41de','d62777b8e6ff41dec4f4c8ed4v',1795003260000000);
INSERT INTO "state" VALUES('mail','m:f0b7091d74fae615','f0b7091d74fae615c8b7a4abfv',1795003260000000);
INSERT INTO "state" VALUES('mail','s:17c1606a10683995','756cd90251f1724c',1795003260000000);
INSERT INTO "state" VALUES('mail','s:30039326b9175416','48ac6c9acbc9a3bf',1795003260000000);
INSERT INTO "state" VALUES('mail','s:346ea14e50a5b519','20e7996032a16101',1795003260000000);
INSERT INTO "state" VALUES('mail','s:6fc755d2896461f6','8cd486d6d90c81d6',1795003260000000);
INSERT INTO "state" VALUES('mail','s:733bd571905cf5e0','29ce10c26a05eac4',1795003260000000);
INSERT INTO "state" VALUES('mail','s:83d47aa7efc5f5ea','d62777b8e6ff41de',1795003260000000);
INSERT INTO "state" VALUES('mail','s:8e5f2d9cbebd3a0c','7d587bf39169a4b7',1795003260000000);
INSERT INTO "state" VALUES('mail','s:e9bb76e7a7ea832c','29ce10ce098f1d3v',1795003260000000);
INSERT INTO "state" VALUES('mail','s:fd740938df792adb','f0b7091d74fae615',1795003260000000);
INSERT INTO "state" VALUES('mail','v:060e1a4ae45f6ff4','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:29ce10c26a05eac4','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:29ce10ce098f1d3v','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:48ac6c9acbc9a3bf','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:7d587bf39169a4b7','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:8cd486d6d90c81d6','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:9555f7fce021843e','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:d62777b8e6ff41de','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','v:f0b7091d74fae615','043da390db275e',1795003260000000);
INSERT INTO "state" VALUES('mail','x:f0b7091d74fae615','1d',1795003320000000);
CREATE TABLE total (
	source TEXT NOT NULL, 
	metric TEXT NOT NULL, 
	labels TEXT NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (source, metric, labels)
)
 WITHOUT ROWID

;
INSERT INTO "total" VALUES('mail','assessed_total','["email", "support@lab.example", "late_reply"]',7.0);
INSERT INTO "total" VALUES('mail','contacts_total','["email", "support@lab.example", "inbound"]',7.0);
INSERT INTO "total" VALUES('mail','contacts_total','["email", "support@lab.example", "outbound"]',1.0);
INSERT INTO "total" VALUES('mail','detection_delay_seconds_bucket','["+Inf"]',6.0);
INSERT INTO "total" VALUES('mail','detection_delay_seconds_sum','[]',928859.999994);
INSERT INTO "total" VALUES('mail','history_assessed_total','["email", "support@lab.example", "late_reply"]',7.0);
INSERT INTO "total" VALUES('mail','history_signals_total','["email", "support@lab.example", "late_reply"]',6.0);
INSERT INTO "total" VALUES('mail','outcomes_total','["email", "support@lab.example", "replied", "true"]',1.0);
INSERT INTO "total" VALUES('mail','signals_total','["email", "support@lab.example", "late_reply"]',6.0);
INSERT INTO "total" VALUES('mail','source_events_total','["mail", "imap"]',12.0);
INSERT INTO "total" VALUES('mail','wait_seconds_bucket','["email", "support@lab.example", "reply", "1800.0"]',1.0);
INSERT INTO "total" VALUES('mail','wait_seconds_sum','["email", "support@lab.example", "reply"]',1800.0);
CREATE TABLE week (
	source TEXT NOT NULL, 
	contact_point TEXT NOT NULL, 
	signal TEXT NOT NULL, 
	week_start TEXT NOT NULL, 
	assessed INTEGER NOT NULL, 
	signals INTEGER NOT NULL, 
	PRIMARY KEY (source, contact_point, signal, week_start)
)
 WITHOUT ROWID

;
INSERT INTO "week" VALUES('mail','support@lab.example','late_reply','2026-11-16',7,6);
CREATE INDEX contact_deadline ON contact (source, deadline, contact, contact_point) WHERE deadline IS NOT NULL;
CREATE INDEX contact_running ON contact (source) WHERE running IS NOT NULL;
CREATE INDEX contact_missed ON contact (source, customer) WHERE missed_at IS NOT NULL;
CREATE INDEX contact_reached ON contact (source, customer, reached_at) WHERE reached_at IS NOT NULL;
CREATE INDEX contact_over ON contact (last) WHERE deadline IS NULL AND running IS NULL;
CREATE INDEX signal_at ON signal (at);
CREATE INDEX contact_begun ON contact (begun);
CREATE INDEX contact_id ON contact (begun / 86400000000, id);
COMMIT;
