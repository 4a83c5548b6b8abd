-- The bytes of files get rows of their own: a file is named, moved and asked for without them. Older programs would
-- look for them in the record.
create table file_bytes (id bytea not null, bytes bytea not null, primary key (id));
alter table file_bytes alter column bytes set storage external;
insert into file_bytes select id, decode(record->>'bytes', 'base64') from files;
update files f set record = ((f.record::jsonb - 'bytes') || jsonb_build_object('size', octet_length(b.bytes)))::json
	from file_bytes b where b.id = f.id;
