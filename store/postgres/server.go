package postgres

import "context"

// Server holds the settings and use of a database, as this node sees them.
type Server struct {
	Version           string // "15.8"
	Fsync             bool
	SynchronousCommit string // "on", "remote_apply", "remote_write", "local", "off"
	FullPageWrites    bool
	StandbyNames      string // synchronous_standby_names
	Bytes             int64  // of the whole database
	Format            int    // of the tables
	Nodes             int    // that listen, this one included
	Connections       int    // to the server, everybody's
	MaxConnections    int
	Standbys          int // that stream from this server
	// Synchronous is how many of them a commit may wait for; -1: this user may
	// not see it.
	Synchronous int
	LagBytes    int64 // how far the last of them is behind, where it can be seen
}

// A node's listening connection shows the statement that it ended with.
const serverQuery = `select current_setting('server_version'), current_setting('fsync') = 'on', current_setting('synchronous_commit'),
	current_setting('full_page_writes') = 'on', current_setting('synchronous_standby_names'), pg_database_size(current_database()),
	(select version from earshot),
	(select count(*) from pg_stat_activity where datname = current_database() and query = $1),
	(select count(*) from pg_stat_activity where backend_type = 'client backend'), current_setting('max_connections')::int,
	r.standbys, case when r.standbys > r.visible then -1 else r.synchronous end, r.lag
	from (select count(*) standbys, count(sync_state) visible, count(*) filter (where sync_state in ('sync', 'quorum')) synchronous,
		coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)), 0)::bigint lag from pg_stat_replication) r`

// Server looks how the database is set up.
func (s *Store) Server(ctx context.Context) (d Server, err error) {
	if err := s.alive(ctx); err != nil {
		return d, err
	}
	err = s.pool.QueryRow(ctx, serverQuery, s.listenStatement()).Scan(&d.Version, &d.Fsync, &d.SynchronousCommit, &d.FullPageWrites, &d.StandbyNames,
		&d.Bytes, &d.Format, &d.Nodes, &d.Connections, &d.MaxConnections, &d.Standbys, &d.Synchronous, &d.LagBytes)
	return d, wrap(err)
}
