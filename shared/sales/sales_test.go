package sales_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/handoff-oss/handoff/shared/sales"
	"github.com/handoff-oss/handoff/shared/signal"
)

var noon = time.Date(2026, 5, 18, 12, 0, 0, 0, time.UTC)

// said is a signal said so many minutes after noon; attributes are pairs.
func said(minute int, t signal.Type, attributes ...string) signal.Signal {
	a := map[string]string{}
	for i := 0; i+1 < len(attributes); i += 2 {
		a[attributes[i]] = attributes[i+1]
	}
	at := noon.Add(time.Duration(minute) * time.Minute)
	return signal.Signal{Source: "crm", ID: fmt.Sprintf("%d%s%v", minute, t, attributes), Type: t, OccurredAt: at, ReceivedAt: at, Attributes: a}
}

func deal(minute int, t signal.Type, id string, attributes ...string) signal.Signal {
	return said(minute, t, append([]string{"deal", id}, attributes...)...)
}

func meeting(minute int, t signal.Type, id string, attributes ...string) signal.Signal {
	return said(minute, t, append([]string{"meeting", id}, attributes...)...)
}

func TestStanding(t *testing.T) {
	for _, tt := range []struct {
		name    string
		signals []signal.Signal
		want    sales.Standing
		deal    string
	}{
		{"nothing was said", nil, sales.Nothing, ""},
		{"a meeting is booked", []signal.Signal{meeting(1, signal.MeetingBooked, "m")}, sales.InMeeting, ""},
		{"it is canceled", []signal.Signal{meeting(1, signal.MeetingBooked, "m"), meeting(2, signal.MeetingCanceled, "m")}, sales.Nothing, ""},
		{"they did not come", []signal.Signal{meeting(1, signal.MeetingBooked, "m"), meeting(2, signal.MeetingNoShow, "m")}, sales.Nothing, ""},
		{"one of two is canceled", []signal.Signal{meeting(1, signal.MeetingBooked, "m"), meeting(1, signal.MeetingBooked, "n"), meeting(2, signal.MeetingCanceled, "m")}, sales.InMeeting, ""},
		{"it is moved, and the new one is not heard of", []signal.Signal{
			meeting(1, signal.MeetingBooked, "m"), meeting(2, signal.MeetingCanceled, "m", "next_meeting", "n"),
		}, sales.InMeeting, ""},
		{"it is moved, and then canceled; the end of the first is not heard of", []signal.Signal{
			meeting(1, signal.MeetingBooked, "m"), meeting(2, signal.MeetingBooked, "n", "previous_meeting", "m"), meeting(3, signal.MeetingCanceled, "n"),
		}, sales.Nothing, ""},
		{"a deal is opened", []signal.Signal{meeting(1, signal.MeetingBooked, "m"), deal(2, signal.DealOpened, "1")}, sales.Opportunity, "crm#1"},
		{"a detail of a deal makes none", []signal.Signal{deal(2, signal.DealChanged, "1", "amount", "5")}, sales.Nothing, ""},
		{"an open deal is heard of in the middle", []signal.Signal{deal(2, signal.DealChanged, "1", "deal_status", "open")}, sales.Opportunity, "crm#1"},
		{"a deal that nobody can name", []signal.Signal{said(2, signal.DealWon)}, sales.Nothing, ""},
		{"won", []signal.Signal{deal(2, signal.DealOpened, "1"), deal(3, signal.DealWon, "1")}, sales.IsWon, "crm#1"},
		{"won at the very time that it was opened", []signal.Signal{deal(2, signal.DealOpened, "1"), deal(2, signal.DealWon, "1")}, sales.IsWon, "crm#1"},
		{"won is final", []signal.Signal{deal(2, signal.DealWon, "1"), deal(3, signal.DealChanged, "1", "deal_status", "open"), deal(4, signal.DealOpened, "1")}, sales.IsWon, "crm#1"},
		{"of won and lost the later one stands", []signal.Signal{deal(2, signal.DealLost, "1"), deal(3, signal.DealWon, "1")}, sales.IsWon, "crm#1"},
		{"a later deal reopens", []signal.Signal{deal(2, signal.DealWon, "1"), deal(3, signal.DealOpened, "2")}, sales.Opportunity, "crm#2"},
		{"and is lost", []signal.Signal{deal(2, signal.DealWon, "1"), deal(3, signal.DealOpened, "2"), deal(4, signal.DealLost, "2")}, sales.IsLost, "crm#2"},
		{"a deal beside the won one does not take it back", []signal.Signal{deal(1, signal.DealOpened, "2"), deal(2, signal.DealWon, "1"), deal(4, signal.DealLost, "2")}, sales.IsWon, "crm#1"},
		{"one is lost, another still open", []signal.Signal{deal(1, signal.DealOpened, "1"), deal(1, signal.DealOpened, "2"), deal(3, signal.DealLost, "2")}, sales.Opportunity, "crm#1"},
		{"a canceled meeting does not take an opportunity back", []signal.Signal{meeting(1, signal.MeetingBooked, "m"), deal(2, signal.DealOpened, "1"), meeting(3, signal.MeetingCanceled, "m")}, sales.Opportunity, "crm#1"},
		{"a deleted deal leaves the meeting", []signal.Signal{meeting(1, signal.MeetingBooked, "m"), deal(2, signal.DealOpened, "1"), deal(3, signal.DealDeleted, "1")}, sales.InMeeting, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			forward := sales.Of(tt.signals)
			var backward sales.Facts
			for i := range tt.signals {
				backward = backward.Fold(tt.signals[len(tt.signals)-1-i])
			}
			for what, f := range map[string]sales.Facts{"in order": forward, "backward": backward} {
				if got, key := f.Standing(); got != tt.want || key != tt.deal {
					t.Errorf("%s: %q by %q, want %q by %q", what, got, key, tt.want, tt.deal)
				}
			}
		})
	}
}

func TestDetailsAreTheLastSaid(t *testing.T) {
	f := sales.Of([]signal.Signal{
		deal(5, signal.DealChanged, "1", "amount", "900", "currency", "EUR"),
		deal(1, signal.DealOpened, "1", "amount", "100", "deal_stage", "new"),
		deal(3, signal.DealLost, "1", "reason", "the price"),
		said(2, signal.OwnerChanged, "owner", "7", "owner_email", "Bo@Our-Company.example"),
		said(1, signal.OwnerChanged, "owner", "6"),
		said(9, signal.OwnerChanged, "owner", "8", "deal", "1"),
	})
	d := f.Deals["crm#1"]
	if d.Amount.Value != "900" || d.Currency.Value != "EUR" || d.Stage.Value != "new" || d.Reason.Value != "the price" || d.State != sales.Lost || !d.First.Equal(noon.Add(time.Minute)) {
		t.Errorf("%+v", d)
	}
	if f.Owner == nil || f.Owner.ID != "7" || f.Owner.Email != "bo@our-company.example" {
		t.Errorf("%+v", f.Owner)
	}
}

func drawSignal(t *rapid.T) signal.Signal {
	types := []signal.Type{
		signal.MeetingBooked, signal.MeetingCanceled, signal.MeetingNoShow, signal.MeetingHeld, signal.DealOpened, signal.DealChanged,
		signal.DealWon, signal.DealLost, signal.DealDeleted, signal.OwnerChanged, signal.FormSubmitted,
	}
	name := rapid.SampledFrom([]string{"", "a", "b", "c"})
	return said(rapid.IntRange(0, 6).Draw(t, "minute"), rapid.SampledFrom(types).Draw(t, "type"),
		"meeting", name.Draw(t, "meeting"), "previous_meeting", name.Draw(t, "previous"), "next_meeting", name.Draw(t, "next"),
		"deal", name.Draw(t, "deal"), "deal_status", rapid.SampledFrom([]string{"", "open"}).Draw(t, "status"),
		"amount", rapid.SampledFrom([]string{"", "1", "2"}).Draw(t, "amount"), "starts_at", name.Draw(t, "start"), "owner", name.Draw(t, "owner"))
}

// The same set of signals gives the same facts, in any order and however often
// each of them comes.
func TestAnyOrderGivesTheSameFacts(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		set := rapid.SliceOfN(rapid.Custom(drawSignal), 1, 14).Draw(rt, "set")
		queue := append(rapid.Permutation(set).Draw(rt, "order"), rapid.Permutation(set).Draw(rt, "again")...)
		if diff := cmp.Diff(sales.Of(set), sales.Of(queue)); diff != "" {
			rt.Fatal(diff)
		}
	})
}

// However many there are, the facts stay small and keep what matters.
func TestFactsStaySmall(t *testing.T) {
	f := sales.Of([]signal.Signal{deal(0, signal.DealOpened, "open"), meeting(0, signal.MeetingBooked, "booked")})
	for i := range 100 {
		f = f.Fold(deal(i, signal.DealLost, fmt.Sprint(i)))
		f = f.Fold(meeting(i, signal.MeetingCanceled, fmt.Sprint(i)))
	}
	if len(f.Deals) != 24 || len(f.Meetings) != 24 || f.Deals["crm#open"].State != sales.Open || f.Meetings["crm#booked"].State != sales.Booked {
		t.Errorf("%d deals, %d meetings, %+v", len(f.Deals), len(f.Meetings), f.Deals["crm#open"])
	}
}
