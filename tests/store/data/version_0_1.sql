-- What version 0.1 (revision 0001) had stored of one call, one missed call and a gap: its own dump.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
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
INSERT INTO "contact" VALUES('pbx','call','desk','ab23029f6fcca1c0','phone',1793610000000000,1793610200000000,'{"e":[["call-queued-0","queued",1793610000000000],["call-ringing-5","ringing",1793610005000000],["call-answered-25","answered",1793610025000000],["call-held-30","held",1793610030000000],["call-unheld-160","unheld",1793610160000000],["call-transferred-170","transferred",1793610170000000,{"how":"consult"}],["call-transferred-180","transferred",1793610180000000,{"how":"blind"}],["call-ended-200","ended",1793610200000000]],"l":["w:queue:call-queued-0","o:call-answered-25","a:long_wait:call-queued-0","c","a:long_hold:call-held-30","s:long_hold:call-held-30","a:abandoned:call-answered-25","s:slow_answer:call-ringing-5","w:ring:call-ringing-5","s:long_wait:call-queued-0","s:handed_on:","w:hold:call-held-30","a:handed_on:","a:slow_answer:call-ringing-5"],"w":"2026-11-02","h":1793610200000000}',NULL,NULL,'ann',NULL,1793610025000000);
INSERT INTO "contact" VALUES('pbx','missed','desk','817156995118a948','phone',1793610300000000,1793610330000000,'{"e":[["missed-queued-300","queued",1793610300000000],["missed-left-330","left",1793610330000000,{"reason":"caller"}]],"l":["s:long_wait:missed-queued-300","a:abandoned:missed-left-330","a:long_wait:missed-queued-300","c","s:abandoned:missed-left-330","w:queue:missed-queued-300","o:missed-left-330"],"w":"2026-11-02","h":1793610330000000}',1793624730000001,'[["callback",1793610330000000,1793624730000000,false]]','bob',1793610330000000,NULL);
CREATE TABLE gap (
  source TEXT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (source, since)
) WITHOUT ROWID;
INSERT INTO "gap" VALUES('pbx',1793607000000000,1793607060000000);
CREATE TABLE note (
  source TEXT NOT NULL,
  "key" TEXT NOT NULL,
  value TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (source, "key")
) WITHOUT ROWID;
INSERT INTO "note" VALUES('pbx','thread:7','call',1793610200000000);
CREATE TABLE place (
  source TEXT NOT NULL,
  place TEXT NOT NULL,
  contact_point TEXT NOT NULL,
  channel TEXT NOT NULL,
  PRIMARY KEY (source, place)
) WITHOUT ROWID;
INSERT INTO "place" VALUES('pbx','name:desk','desk','phone');
INSERT INTO "place" VALUES('pbx','queue:sales','sales','phone');
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
) WITHOUT ROWID;
INSERT INTO "signal" VALUES('pbx','call','desk','handed_on','','phone',1793610180000000,NULL,NULL);
INSERT INTO "signal" VALUES('pbx','call','desk','long_hold','call-held-30','phone',1793610150000000,130.0,120.0);
INSERT INTO "signal" VALUES('pbx','call','desk','long_wait','call-queued-0','phone',1793610020000000,25.0,20.0);
INSERT INTO "signal" VALUES('pbx','call','desk','slow_answer','call-ringing-5','phone',1793610017000000,20.0,12.0);
INSERT INTO "signal" VALUES('pbx','missed','desk','abandoned','missed-left-330','phone',1793610330000000,30.0,NULL);
INSERT INTO "signal" VALUES('pbx','missed','desk','long_wait','missed-queued-300','phone',1793610320000000,30.0,20.0);
CREATE TABLE source (
  source TEXT NOT NULL,
  version BIGINT NOT NULL,
  position TEXT,
  complete_until BIGINT,
  last_outbound BIGINT,
  PRIMARY KEY (source)
) WITHOUT ROWID;
INSERT INTO "source" VALUES('pbx',10,'{"n": 9}',1793610330000000,1793610200000000);
CREATE TABLE total (
  source TEXT NOT NULL,
  metric TEXT NOT NULL,
  labels TEXT NOT NULL,
  value FLOAT NOT NULL,
  PRIMARY KEY (source, metric, labels)
) WITHOUT ROWID;
INSERT INTO "total" VALUES('pbx','assessed_total','["phone", "desk", "abandoned"]',2.0);
INSERT INTO "total" VALUES('pbx','assessed_total','["phone", "desk", "handed_on"]',1.0);
INSERT INTO "total" VALUES('pbx','assessed_total','["phone", "desk", "long_hold"]',1.0);
INSERT INTO "total" VALUES('pbx','assessed_total','["phone", "desk", "long_wait"]',2.0);
INSERT INTO "total" VALUES('pbx','assessed_total','["phone", "desk", "slow_answer"]',1.0);
INSERT INTO "total" VALUES('pbx','contacts_total','["phone", "desk", "inbound"]',2.0);
INSERT INTO "total" VALUES('pbx','outcomes_total','["phone", "desk", "abandoned", "false"]',1.0);
INSERT INTO "total" VALUES('pbx','outcomes_total','["phone", "desk", "answered", "false"]',1.0);
INSERT INTO "total" VALUES('pbx','rings_bucket','["phone", "desk", "7.0"]',1.0);
INSERT INTO "total" VALUES('pbx','rings_sum','["phone", "desk"]',7.0);
INSERT INTO "total" VALUES('pbx','signals_total','["phone", "desk", "abandoned"]',1.0);
INSERT INTO "total" VALUES('pbx','signals_total','["phone", "desk", "handed_on"]',1.0);
INSERT INTO "total" VALUES('pbx','signals_total','["phone", "desk", "long_hold"]',1.0);
INSERT INTO "total" VALUES('pbx','signals_total','["phone", "desk", "long_wait"]',2.0);
INSERT INTO "total" VALUES('pbx','signals_total','["phone", "desk", "slow_answer"]',1.0);
INSERT INTO "total" VALUES('pbx','source_events_total','["pbx", "events"]',10.0);
INSERT INTO "total" VALUES('pbx','wait_seconds_bucket','["phone", "desk", "hold", "180.0"]',1.0);
INSERT INTO "total" VALUES('pbx','wait_seconds_bucket','["phone", "desk", "queue", "30.0"]',2.0);
INSERT INTO "total" VALUES('pbx','wait_seconds_bucket','["phone", "desk", "ring", "20.0"]',1.0);
INSERT INTO "total" VALUES('pbx','wait_seconds_sum','["phone", "desk", "callback"]',0.1);
INSERT INTO "total" VALUES('pbx','wait_seconds_sum','["phone", "desk", "hold"]',130.0);
INSERT INTO "total" VALUES('pbx','wait_seconds_sum','["phone", "desk", "queue"]',55.0);
INSERT INTO "total" VALUES('pbx','wait_seconds_sum','["phone", "desk", "ring"]',20.0);
CREATE TABLE week (
  source TEXT NOT NULL,
  contact_point TEXT NOT NULL,
  signal TEXT NOT NULL,
  week_start TEXT NOT NULL,
  assessed INTEGER NOT NULL,
  signals INTEGER NOT NULL,
  PRIMARY KEY (source, contact_point, signal, week_start)
) WITHOUT ROWID;
INSERT INTO "week" VALUES('pbx','desk','abandoned','2026-11-02',2,1);
INSERT INTO "week" VALUES('pbx','desk','handed_on','2026-11-02',1,1);
INSERT INTO "week" VALUES('pbx','desk','long_hold','2026-11-02',1,1);
INSERT INTO "week" VALUES('pbx','desk','long_wait','2026-11-02',2,2);
INSERT INTO "week" VALUES('pbx','desk','slow_answer','2026-11-02',1,1);
CREATE INDEX contact_begun ON contact (begun, id);
CREATE INDEX contact_deadline ON contact (source, deadline, contact, contact_point) WHERE deadline IS NOT NULL;
CREATE INDEX contact_running ON contact (source) WHERE running IS NOT NULL;
CREATE INDEX contact_missed ON contact (source, customer) WHERE missed_at IS NOT NULL;
CREATE INDEX contact_reached ON contact (source, customer, reached_at) WHERE reached_at IS NOT NULL;
CREATE INDEX contact_over ON contact (last) WHERE deadline IS NULL AND running IS NULL;
CREATE INDEX signal_at ON signal (at);
COMMIT;
