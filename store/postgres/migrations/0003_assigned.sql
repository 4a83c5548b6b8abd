-- Issues are also on the list of their assignee: "=" and the agent's address,
-- which is no desk's name.

insert into issue_lists (issue, desk, status, answered, position)
	select l.issue, convert_to('=' || (i.record->>'assignee'), 'UTF8'), l.status, l.answered, l.position
	from issue_lists l join issues i on i.id = l.issue
	where l.desk = '' and coalesce(i.record->>'assignee', '') <> '';
