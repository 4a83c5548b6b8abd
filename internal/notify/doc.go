// Package notify sends notifications to destinations: webhooks, signed as Standard
// Webhooks describes it, and topics of ntfy servers. It runs the jobs of one queue;
// internal/app decides which event is for which destination, and what follows from an
// answer.
package notify
