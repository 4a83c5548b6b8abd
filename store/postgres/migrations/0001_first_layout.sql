-- Keys are bytea: the text itself, or beyond 1,024 bytes its beginning and a
-- hash (see key.go). record is the whole thing as JSON; the other columns are
-- taken from it for indexes.

create table meta (key bytea primary key, record json not null);
create table desks (handle bytea primary key, record json not null);
create table keys (owner bytea, fragment bytea, record json not null, primary key (owner, fragment));
create table actors (id bytea primary key, record json not null);
create table blocks (target bytea primary key, record json not null);
create table optouts (actor bytea primary key, record json not null);
create table hosts (host bytea primary key, record json not null);
create table documents (id bytea primary key, record json not null);
create table follows (local bytea, actor bytea, record json not null, primary key (local, actor));
create table sightings (object bytea, source bytea, record json not null, primary key (object, source));

create table deliveries (activity bytea, inbox bytea, state text not null, record json not null, primary key (activity, inbox));
create index deliveries_state on deliveries (activity, state);

create table sources (id bytea primary key, actor bytea, created timestamptz not null, record json not null);
create index sources_actor on sources (actor, created, id) where actor is not null;
create index sources_created on sources (created, id);

create table events (id bytea primary key, issue bytea not null, at timestamptz not null, record json not null);
create index events_issue on events (issue, at, id);

create table once (key bytea primary key, expires timestamptz not null, record json not null);
create index once_expires on once (expires);

-- Text that is only compared for equality is in its short form (see key.go).
create table issues (
	id bytea primary key, report bytea, broadcast bytea, reporter bytea not null, opened timestamptz not null, record json not null
);
create unique index issues_report on issues (report) where report is not null;
create unique index issues_broadcast on issues (broadcast, reporter) where broadcast is not null;
create index issues_reporter on issues (reporter, opened, id);

-- Every list that an issue is in: desk '' is all desks. position is its place
-- in any of them.
create table issue_lists (
	issue bytea, desk bytea, status text not null, answered boolean not null, position bytea not null, primary key (issue, desk)
);
create index issue_lists_status on issue_lists (desk, status, position);
create index issue_lists_answered on issue_lists (desk, position) where answered;

create table posts (
	id bytea primary key, object bytea, issue bytea, author bytea, context bytea, conversation bytea, speaker bytea,
	answers bytea, outbox bytea, broadcasts bytea, received timestamptz not null, published timestamptz not null, record json not null
);
create unique index posts_object on posts (object) where object is not null;
create index posts_issue on posts (issue, received, id) where issue is not null;
create index posts_author on posts (author, received, id) where author is not null;
create index posts_context on posts (context, speaker, received, id) where context is not null;
create index posts_conversation on posts (conversation, speaker, received, id) where conversation is not null;
create index posts_answers on posts (answers, received, id) where answers is not null;
create index posts_outbox on posts (outbox, published, id) where outbox is not null;
create index posts_broadcasts on posts (broadcasts, received, id) where broadcasts is not null;

create table terms (post bytea primary key, issue bytea not null, record json not null);
create index terms_issue on terms (issue);
create table words (post bytea, term bytea, issue bytea not null, primary key (post, term));
create index words_term on words (term, issue);
create index words_issue on words (issue, term);

create sequence job_places;
create sequence job_leases;
create table jobs (
	key bytea primary key, id text not null, queue text collate "C" not null, lane text, lane_key bytea, place bigint,
	head boolean not null, due timestamptz not null, payload bytea, added timestamptz not null, attempts bigint not null,
	error text not null, host text not null, lease bigint not null, leased_until timestamptz, dead boolean not null, died_at timestamptz,
	ready timestamptz not null generated always as (coalesce(leased_until, due)) stored,
	listed timestamptz not null generated always as (case when dead then died_at else due end) stored,
	-- Of the living jobs of a lane one is the head, and all have a place.
	check (head <> dead or lane is not null), check (not (head and dead)), check ((lane is not null and not dead) = (place is not null)),
	check ((lane_key is null) = (place is null))
);
create unique index jobs_lane on jobs (queue, lane_key, place) where place is not null;
create unique index jobs_head on jobs (queue, lane_key) where head and place is not null;
create index jobs_ready on jobs (queue, ready, key) where head;
create index jobs_list on jobs (dead, queue, listed, key);

-- Updates that were made, so that one whose commit was not answered is known.
create table ops (op bytea primary key, at timestamptz not null default now());
create index ops_at on ops (at);

-- Locked by every update: shared, or alone by one that lost too often.
create table turn ();
