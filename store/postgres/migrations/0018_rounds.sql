-- How the voices of incidents are told. Posts and issues name their round, which older
-- programs would drop.
create table rounds (post bytea primary key, incident bytea not null, record json not null);
create index rounds_incident on rounds (incident, post);
create table round_voices (round bytea not null, issue bytea not null, record json not null, primary key (round, issue));
create table round_lists (round bytea not null, list bytea not null, slot bytea not null, issue bytea not null, primary key (round, list, slot, issue));
create index round_lists_issue on round_lists (round, issue);
