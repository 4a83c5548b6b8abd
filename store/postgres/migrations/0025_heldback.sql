-- Reports that are held back stand in piles by their reason, with what a pile says of
-- them; one that an agent dropped can be taken back for a while.
alter table quarantine add column flood bytea, add column language bytea, add column dropped boolean not null default false;
update quarantine set
	flood = convert_to(coalesce(nullif(record->>'flood', ''), 'person'), 'utf8'),
	language = case when octet_length(record->'post'->>'language') <= 35 then convert_to(record->'post'->>'language', 'utf8') else ''::bytea end;
alter table quarantine alter column flood set not null, alter column language set not null;
create index quarantine_flood on quarantine (flood, at, object) where not dropped;
create index quarantine_dropped on quarantine (flood, at, object) where dropped;
