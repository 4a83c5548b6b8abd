// Package app holds the use cases. Each is one store.Update, so that it happens
// whole or not at all, with the jobs that it causes in the same transaction. It
// knows neither the network nor the protocol: federation calls it with what was
// heard, and runs its jobs.
//
// Files are named by subject: hear (what comes in), publish (what goes out),
// reply, issue, post, forget (deletions, and people to leave alone), incident,
// admin.
//
// # Use cases
//
// Callers are the front ends (internal/api, internal/console, internal/public),
// federation, the program (cmd/earshot, internal/doctor, internal/backup), the
// notifier (internal/notify), pictures (internal/picture/proxy), the timer jobs, and app: another use case. A test compares the table with the code.
//
//	addresses.go             front end, federation  Addresses
//	admin_agents.go          front end              Agents, Agent, AddAgent, EditAgent
//	                         timer                  ReleaseIssues
//	                         program                EndSignIns
//	admin_blocklist.go       front end              AddBlocks
//	admin_desks.go           front end, program     Desks, AddDesk
//	                         front end, federation  Desk
//	                         front end, program     DeskExists
//	                         front end              EditDesk, AddAlias, RemoveAlias
//	admin_face.go            front end              SetPicture, RemovePicture, Picture, ProveLinks
//	admin_flags.go           federation             Flagged
//	                         front end, program     Flags
//	                         front end              RemoveFlag
//	admin_keys.go            program                CompleteKeys
//	                         front end              RotateKey
//	                         federation             KeyShown, KeyTaken
//	admin_queue.go           front end              Jobs, RetryJob, DropJob
//	                         front end, program     JobCounts
//	                         timer                  Forget
//	                         program, timer         ArmForget
//	admin_setup.go           front end              Setup, SetupChecks, KeepSetupCheck
//	                         front end, program     EndSetup
//	admin_sources.go         front end              AddSource, CheckSource, RemoveSource
//	                         front end, federation  Source
//	                         front end, program     Sources
//	                         federation             SourceAnswered
//	                         timer                  TendSource
//	                         program, app           ArmSources
//	admin_upkeep.go          program, timer         Upkeep, ArmUpkeep
//	                         program                LastUpkeep, LastBackup
//	                         front end              RecordBackup
//	audit.go                 front end              AuditEntries
//	destination.go           front end              AddDestination, Destinations, Destination, Notifications
//	                         front end              PauseDestination, ResumeDestination, RotateSecret, RemoveDestination
//	                         program                FailingDestinations
//	destination_feed.go      program                Feeder
//	destination_mail.go      front end              Mails, MailOff, TurnMailOff
//	                         notifier               OffCode
//	destination_push.go      front end              PushKey
//	                         notifier               FirstWords
//	destination_send.go      notifier               Notification, Attempted
//	                         front end              Redeliver, TestDestination
//	draft.go                 front end              SaveDraft, DiscardDraft, Drafts
//	file.go                  front end              Upload, Uploads, Describe, RemoveUpload, File, FileFor, FileBytes
//	follow.go                federation             Follow, Unfollow, Move, MovesAlong
//	forget_block.go          federation             BlockedUs, UnblockedUs, Refused, Blocked
//	                         front end              AddOptOut, RemoveOptOut, AddBlock, RemoveBlock, Blocks
//	                         front end, program     OptOuts
//	forget_deletions.go      program                PrepareDeletions, DeletionCheck, DeletionCount, RewriteDeletions, DeletionsWritten
//	                         app                    WriteDeletions
//	forget_optout_code.go    front end              OptOutCode, OptOutByCode
//	forget_post.go           federation             Remove, RemoveActor
//	forget_replay.go         program                CatchUpDeletions, ReplayDeletions
//	forget_words.go          app                    ExpireWords
//	hear_above.go            federation             MayLookAbove, HeardAbove, InCommunity
//	hear_ancestors.go        federation             MayLookUp
//	hear_cut.go              front end              FetchRest
//	hear_heldback.go         front end              Quarantine, HeldBack, Release, Drop
//	                         program                QuarantineCount
//	hear_again.go            timer                  ReadAgain
//	                         federation             ArmReadAgain, ToReadAgain, ReadLater
//	hear_below.go            federation             QueueBelow
//	hear_intake.go           federation             QueueInbound, QueueUnverified, Post, UpdateActor, RememberEffect, Effect, HostLives, DayBytes
//	                         program                KnowsHost
//	hear_listen.go           federation             Subscribed, ToldRelay
//	hear_missed.go           program                ArmAlive, LastOutage
//	                         timer                  Alive
//	                         federation             QueueMissed
//	hear_post.go             federation             Hear
//	hear_reaction.go         federation             React, Unreact
//	hear_sources.go          federation             Announced, Bring, QueueFetch, QueueNamed
//	hear_triage.go           federation             TriageSender, Triage
//	hear_withdrawal.go       federation             Withdraw, WithdrawnBefore
//	hosts.go                 federation             LearnServer
//	incident_alert.go        front end              TakeAlert, DiscardIncident
//	incident_audience.go     front end              Audience
//	incident_broadcast.go    front end              Broadcast, PreviewBroadcast, Broadcasts, Followers
//	incident_dismiss.go      front end              DismissSuggestion
//	incident_hold.go         front end              HoldRound, ResumeRound, Told, ToldVoices
//	incident_learned.go      front end              Postmortem, Lessons, LaterInPiles
//	incident_open.go         front end              OpenIncident, PublishIncident, EditIncident
//	incident_retry.go        front end              RetryVoices
//	incident_suggest.go      front end              SuggestIncidents
//	incident_tell.go         front end              TellVoices
//	                         timer                  Tell
//	incident_update.go       front end              UpdateIncident, CloseIncident
//	incident_voices.go       front end              LinkVoices, UnlinkVoices, Incidents
//	                         front end, federation  ShowIncident
//	incident_window.go       timer                  Window
//	issue_bulk.go            front end              Bulk
//	issue_bulk_undo.go       front end              UndoBulk
//	issue_comment.go         front end              Comment, MarkSeen, Assign, Link
//	issue_by_id.go           front end              IssuesByID
//	issue_list.go            front end, program     ListIssues
//	                         front end              CountLists
//	issue_merge.go           front end              Merge
//	issue_move.go            front end              MoveIssue
//	issue_presence.go        front end              Attend
//	issue_snooze.go          front end              Snooze, Wake
//	                         timer                  SnoozeOver
//	issue_split.go           front end              Split
//	issue_spam.go            front end              Spam
//	issue_status.go          front end              SetStatus
//	                         timer                  Quiet
//	issue_thread.go          front end              ShowIssue, ShowThread
//	issue_undo.go            front end              UndoChange
//	issue_view.go            front end              ViewIssue
//	pile.go                  front end              Piles, HeldPiles, ShowPile, TakeFromPile, PutBackInPile
//	pile_act.go              front end              ActOnPile, UndoPile
//	notfound.go              federation             NotFound
//	                         timer                  FetchAgain
//	person.go                front end              Person, AddRemark, RemoveRemark
//	picture.go               pictures               Pictures, MayAsk
//	phrase.go                front end              Phrases, Phrase, AddPhrase, EditPhrase, RemovePhrase
//	post_edit.go             front end              EditPost, RetractPost
//	publish.go               federation             Publish
//	publish_deliver.go       federation             Delivery, Delivered, DeliveryFailed, DeliveryRetried, DeliveryMoved, HostTakesEd25519
//	publish_fanout.go        federation             FanOut, FollowerInboxes, RecipientInboxes, ReporterInboxes, SourceInboxes, Profile
//	reply_approval.go        federation             ReplyAwaiting, ReplyAwaitingOn, Approved, AuthorizedReply, Declined
//	reply_check.go           front end              Unchecked, ReleaseReply, ReturnReply
//	reply_ordering.go        federation             EarlierReplyWaits
//	reply_preview.go         front end              PreviewReply
//	reply_publish.go         federation             Unseen, ToAnswer, ToRevalidate
//	reply_quote.go           federation             QuoteRequested
//	reply_several.go         front end              PreviewSeveral, ReplyToSeveral
//	reply_takeback.go        front end              Undo
//	reply_write.go           front end              Reply
//	rota.go                  front end              SetRota
//	saved_view.go            front end              SavedViews, ViewsFor, AddView, RenameView, RemoveView
//	search.go                timer                  Reindex
//	                         program                ArmReindex
//	source_counts.go         federation             SourceDropped, SourceSkipped
//	                         app                    CountSources
//	                         program                CountSourcesUntil
//	source_suggest.go        front end              SuggestSources, AskSuggestions
//	source_tend.go           federation             Polled, Streams, StreamEnded
//	timers.go                federation             RunTimer
//	today.go                 front end              Today
//
// Methods of Tx are use cases too, for a caller who has a transaction already.
// Every outgoing post goes through Publish: the outbox hands it a function that
// writes the activity, and Publish stores that in the transaction that decides.
package app
