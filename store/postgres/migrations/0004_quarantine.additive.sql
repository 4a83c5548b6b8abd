create table quarantine (object bytea primary key, host bytea not null, actor bytea not null, at timestamptz not null, record json not null);
create index quarantine_at on quarantine (at, object);
create index quarantine_host on quarantine (host, at, object);
create index quarantine_actor on quarantine (actor, at, object);

create table standings (key bytea primary key, expires timestamptz not null, record json not null);
create index standings_expires on standings (expires);
