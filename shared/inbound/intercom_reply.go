package inbound

import (
	"time"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Topics of what an admin, one of us, writes to a person.
const (
	intercomReplied = "conversation.admin.replied"
	intercomBegan   = "conversation.admin.single.created"
)

// intercomAct reads what one of us wrote in a conversation: a reply, or the
// message that began it when Intercom says that an admin sent it. Replies of
// bots come under the same topic, by an author of the type bot, and stay other,
// as do notes among us. A workflow that writes in a teammate's name cannot be
// told from the teammate.
func intercomAct(d *draft, topic, notification string, item any) {
	a := act{how: signal.HowMessage, direction: signal.Outbound, at: d.occurredAt}
	if text(item, "source", "type") == "email" {
		a.how = signal.HowEmail
	}
	author, record := at(item, "source", "author"), text(item, "source", "id")
	switch topic {
	case intercomReplied:
		parts := list(item, "conversation_parts", "conversation_parts")
		if len(parts) == 0 {
			return
		}
		part := parts[len(parts)-1]
		if kind := text(part, "part_type"); kind != "" && kind != "comment" {
			return
		}
		author, record = at(part, "author"), text(part, "id")
		if t := timeOf(text(part, "created_at"), time.Second); !t.IsZero() {
			a.at = t
		}
	case intercomBegan:
		if text(item, "source", "delivered_as") != "admin_initiated" {
			return
		}
	default:
		return
	}
	if text(author, "type") != "admin" || text(author, "from_ai_agent") == "true" || text(author, "is_ai_answer") == "true" {
		return
	}
	a.record = first(record, notification)
	a.owner, a.email = text(author, "id"), text(author, "email")
	d.logged(a)
}
