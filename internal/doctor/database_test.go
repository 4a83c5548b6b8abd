package doctor_test

import (
	"context"
	"errors"
	"testing"

	"earshot/internal/doctor"
)

func TestDatabase(t *testing.T) {
	p := newPatient(t)
	well := doctor.Database{Version: "15.8", Fsync: true, SynchronousCommit: "on", FullPageWrites: true, Bytes: 30 << 20, Format: 3,
		Nodes: 2, Connections: 20, MaxConnections: 100}
	for _, c := range []struct {
		name   string
		change func(*doctor.Database)
		check  string
		level  doctor.Level
		words  string
	}{
		{"well", func(*doctor.Database) {}, "database", doctor.OK, "PostgreSQL 15.8, 30 MiB, format 3, 2 nodes serve"},
		{"no standby", func(*doctor.Database) {}, "standby", doctor.Note, "has no standby"},
		{"fsync", func(d *doctor.Database) { d.Fsync = false }, "database", doctor.Problem, "fsync is off"},
		{"commit", func(d *doctor.Database) { d.SynchronousCommit = "off" }, "database", doctor.Problem, "synchronous_commit is off"},
		{"pages", func(d *doctor.Database) { d.FullPageWrites = false }, "database", doctor.Warning, "full_page_writes"},
		{"connections", func(d *doctor.Database) { d.Connections = 90 }, "database", doctor.Warning, "90 of its 100 connections"},
		{"asynchronous", func(d *doctor.Database) { d.Standbys = 1 }, "standby", doctor.Note, "commits wait for none"},
		{"synchronous", func(d *doctor.Database) { d.StandbyNames, d.Standbys, d.Synchronous = "b", 2, 1 }, "standby", doctor.OK, "2 connected, 1 of them synchronous"},
		{"gone", func(d *doctor.Database) { d.StandbyNames = "b" }, "standby", doctor.Problem, "none is connected"},
		{"another", func(d *doctor.Database) { d.StandbyNames, d.Standbys = "b", 1 }, "standby", doctor.Problem, "none of which is synchronous"},
		{"hidden", func(d *doctor.Database) { d.StandbyNames, d.Standbys, d.Synchronous = "b", 1, -1 }, "standby", doctor.Note, "pg_monitor"},
		{"local", func(d *doctor.Database) { d.StandbyNames, d.SynchronousCommit = "b", "local" }, "standby", doctor.Warning, "lacks what was acknowledged"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := well
			c.change(&d)
			p.deps.Database = func(context.Context) (doctor.Database, error) { return d, nil }
			p.finds(t, c.check, c.level, c.words)
		})
	}
	p.deps.Database = func(context.Context) (doctor.Database, error) {
		return doctor.Database{}, errors.New("connection refused")
	}
	p.finds(t, "database", doctor.Problem, "connection refused")
	must(t, p.Upkeep(ctx))
	p.finds(t, "upkeep", doctor.OK, "the database vacuums itself")
}
