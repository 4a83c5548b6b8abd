package doctor

import (
	"context"
	"fmt"
)

// Database holds the settings and use of a database that is the store.
type Database struct {
	Version           string
	Fsync             bool
	SynchronousCommit string // "on", "remote_apply", "remote_write", "local" or "off"
	FullPageWrites    bool
	StandbyNames      string // synchronous_standby_names
	Bytes             int64
	Format            int
	Nodes             int // this one included
	Connections       int // everybody's
	MaxConnections    int
	Standbys          int
	Synchronous       int // of the standbys; -1: cannot be seen
	LagBytes          int64
}

// nodeConnections is how many a node opens at most.
const nodeConnections = 17

func (e *examination) database(ctx context.Context) []Finding {
	if e.Database == nil {
		return nil
	}
	d, err := e.Database(ctx)
	if err != nil {
		return problem("database", "look whether it runs, whether the URL in the file `store` (or EARSHOT_STORE) leads to it, and into its log", "it does not answer: %v", err)
	}
	out := ok("database", "PostgreSQL %s, %s, format %d, %s", d.Version, size(uint64(d.Bytes)), d.Format, countNodes(d.Nodes, e.Running))
	out = append(out, durable(d)...)
	out = append(out, standbys(d)...)
	if free := d.MaxConnections - d.Connections; free < nodeConnections {
		out = append(out, warning("database", "raise max_connections, or find out who holds them: a node opens up to 17", "%d of its %d connections are in use", d.Connections, d.MaxConnections)...)
	}
	return out
}

// countNodes tells of nodes; without a server the only one is this command.
func countNodes(n int, running bool) string {
	if !running {
		n--
	}
	if n == 1 {
		return "1 node serves"
	}
	return fmt.Sprintf("%d nodes serve", n)
}

// durable finds settings that make the answer 202 a lie.
func durable(d Database) (out []Finding) {
	if !d.Fsync {
		out = append(out, problem("database", "set fsync = on in postgresql.conf and restart it; then make a backup", "fsync is off: a crash of its machine loses posts that were answered 202, or all of it")...)
	}
	if d.SynchronousCommit == "off" {
		out = append(out, problem("database", "ALTER DATABASE … SET synchronous_commit = on, then restart the nodes", "synchronous_commit is off: a crash loses posts that were answered 202")...)
	}
	if !d.FullPageWrites {
		out = append(out, warning("database", "set full_page_writes = on, unless the file system keeps pages whole", "full_page_writes is off: a power cut can damage it")...)
	}
	return out
}

func standbys(d Database) []Finding {
	const names = "look at the standby, or take its name out of synchronous_standby_names until it is back"
	switch {
	case d.StandbyNames != "" && (d.SynchronousCommit == "local" || d.SynchronousCommit == "off"):
		return warning("standby", "ALTER DATABASE … SET synchronous_commit = on", "synchronous_commit is %s: a promoted standby lacks what was acknowledged last", d.SynchronousCommit)
	case d.StandbyNames != "" && d.Standbys == 0:
		return problem("standby", names, "none is connected, and %s is waited for: nothing can be written", d.StandbyNames)
	case d.StandbyNames != "" && d.Synchronous < 0:
		return note("standby", "%d connected; whether one is synchronous cannot be seen without the role pg_monitor", d.Standbys)
	case d.StandbyNames != "" && d.Synchronous == 0:
		return problem("standby", names, "%d connected, none of which is synchronous, and %s is waited for: nothing can be written", d.Standbys, d.StandbyNames)
	case d.StandbyNames != "":
		return ok("standby", "%d connected, %d of them synchronous; the last is %s behind", d.Standbys, d.Synchronous, size(uint64(d.LagBytes)))
	case d.Standbys > 0:
		return note("standby", "%d connected, and commits wait for none: if one is promoted, the last acknowledged changes may be missing (synchronous_standby_names)", d.Standbys)
	}
	return note("standby", "the database has no standby: if its disk is lost, all changes after the last backup are lost")
}
