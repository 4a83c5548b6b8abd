package main

import "earshot/internal/config"

type manFile struct{ name, about string }

// manFiles are the files of the data folder.
var manFiles = []manFile{
	{config.FileName, "The settings. A key that does not exist is an error."},
	{config.StoreName, "The store: issues, posts, keys (encrypted), the queue. It is not there with PostgreSQL."},
	{config.LocationName, "The URL of the database, with PostgreSQL. It is readable by its owner only."},
	{config.SecretName, "The secret that decrypts the keys in the store, unless EARSHOT_SECRET is set. Without it no actor can sign."},
	{config.DeletionsName, "That something was deleted, as keyed hashes. `earshot restore` deletes it again."},
	{config.SocketName, "The Unix socket of the running server. Who can open it is the admin."},
}

// manServiceFiles are those that docs/operations/earshot.service names.
var manServiceFiles = []manFile{
	{"/var/lib/earshot", "The data folder of the service."},
	{"/etc/earshot/environment", "Variables for the service, for example EARSHOT_SECRET; mode 0600. It need not exist."},
}

var manExits = []struct {
	code  int
	about string
}{
	{exitOK, "It was done."},
	{exitFailed, "It failed; the reason is on standard error. For doctor: something does not work. For health: the server is not ready."},
	{exitUsage, "The command line is wrong. Nothing was done."},
	{exitInterrupted, "It was interrupted."},
}

var manExamples = []struct {
	about string
	lines []string
}{
	{"Make an instance with its first desk, and run it:", []string{
		`earshot init --url https://social.acme.example --handle-domain acme.example --desk help --name "Acme" --names acme`,
		"earshot serve"}},
	{"Hear posts that carry a tag, also from people who do not mention the desk:", []string{
		"earshot source add tag-actor --provider fedibuzz --tag acme"}},
	{"Read what waits, and answer:", []string{
		"earshot issue list --category open",
		`earshot issue reply 0192… "Which street are you in?" --status waiting`}},
	{"Add a colleague:", []string{
		"earshot agent add bo@acme.example --name Bo"}},
	{"Look after the service, as its user:", []string{
		"sudo -u earshot earshot --data /var/lib/earshot doctor",
		"sudo -u earshot earshot --data /var/lib/earshot backup /var/lib/earshot/night.backup --force"}},
}
