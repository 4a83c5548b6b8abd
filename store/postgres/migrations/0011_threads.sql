-- Timelines have parts: what third persons added is listed by itself, and so are
-- our replies. What others than the reporter said after the issue was opened was
-- said by third persons; but before the reporter moved, they had another account.
-- Held-back posts name the post above those that are held back with them.

alter table events add column third boolean not null default false, add column reply boolean not null default false, add column speaker bytea;

update events e set third = true, record = (jsonb_set(e.record::jsonb, '{third}', 'true'))::json,
		speaker = case when octet_length(e.record->>'actor') <= 1024 then convert_to(e.record->>'actor', 'UTF8')
			else substr(convert_to(e.record->>'actor', 'UTF8'), 1, 1024) || '\x0002'::bytea || sha256(convert_to(e.record->>'actor', 'UTF8')) end
	from issues i
	where i.id = e.issue and e.record->>'kind' in ('post', 'edit', 'delete') and coalesce(e.record->>'actor', '') not in ('', i.record->>'reporter')
		and e.at > i.opened
		and e.at > coalesce((select max(m.at) from events m where m.issue = e.issue and m.record->>'note' = 'moved'), '-infinity');
update events set reply = true where record->>'kind' = 'reply';

create index events_main on events (issue, at, id) where not third;
create index events_third on events (issue, at, id) where third;
create index events_replies on events (issue, at, id) where reply;
