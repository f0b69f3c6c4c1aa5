package outbound

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

func TestMessagesLookAsTheyShould(t *testing.T) {
	all := everyInput()
	maps.Copy(all, sourceInputs())
	maps.Copy(all, rolloutInputs())
	for name, in := range all {
		t.Run(name, func(t *testing.T) {
			m := message(in)
			compare(t, name+".slack.json", indent(t, must(encode(slackWebhook(m)))))
			compare(t, name+".direct.json", indent(t, must(encode(slackDirect(m)))))
			compare(t, name+".teams.json", indent(t, must(teamsBody(m))))
			mail, err := (Email{From: "handoff@seller.example"}).input(m)
			if err != nil && m.To[0].Email != "" {
				t.Fatal(err)
			}
			if err == nil {
				compare(t, name+".email.txt", []byte("Subject: "+aws.ToString(mail.Content.Simple.Subject.Data)+"\n\n"+aws.ToString(mail.Content.Simple.Body.Text.Data)))
				compare(t, name+".email.html", []byte(aws.ToString(mail.Content.Simple.Body.Html.Data)))
			}
			hook, err := webhookBody(m)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, name+".webhook.json", indent(t, hook))
		})
	}
}

// everyInput are all stories about leads.
func everyInput() map[string]Input {
	all := inputs()
	maps.Copy(all, clockInputs())
	maps.Copy(all, journeyInputs())
	return all
}

// Whatever is sent says who, and carries the event's id where a person sees it.
func TestEveryRenderingNamesThePersonAndTheEvent(t *testing.T) {
	for name, in := range everyInput() {
		m := message(in)
		html, err := emailBody(m)
		if err != nil {
			t.Fatal(err)
		}
		for channel, text := range map[string]string{
			"slack": string(must(encode(slackWebhook(m)))), "direct": string(must(encode(slackDirect(m)))), "teams": string(must(teamsBody(m))),
			"mail text": m.text(), "mail html": html,
		} {
			for _, word := range []string{"Rosa", "Okonkwo", "Baltic Ferries", "Event " + in.Event.ID} {
				if !strings.Contains(text, word) {
					t.Errorf("%s by %s does not say %q", name, channel, word)
				}
			}
		}
	}
}

// A message about a source names the source and its event, and no lead.
func TestSourcesAreNamedAndNobodyIs(t *testing.T) {
	for name, in := range sourceInputs() {
		m := message(in)
		hook, err := webhookBody(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, word := range []string{"webinar-forms", in.Event.Detail.Source.Reason, "Event source-webinar-forms."} {
			if !strings.Contains(m.text(), word) || !strings.Contains(string(hook), word) {
				t.Errorf("%s does not say %q: %s\n%s", name, word, m.text(), hook)
			}
		}
		if strings.Contains(string(hook), `"profile"`) || m.header().Values(headerLead) != nil {
			t.Errorf("%s speaks of a lead: %s", name, hook)
		}
	}
	bare := Input{Event: contract.Event{ID: "source-x.1.0", Type: contract.SourceSilent, Summary: "The source x is silent."}}
	if m := message(bare); m.Subject != "Source silent" || m.Intro != "The source x is silent." {
		t.Errorf("%+v", m)
	}
}

func TestSlackTextFallbackNamesThePerson(t *testing.T) {
	out := slackWebhook(message(inputs()["handed_off"]))
	for _, word := range []string{"Maya Lind", "Rosa Okonkwo", "Baltic Ferries &amp; Sons", "10:00 EST (America/New_York)"} {
		if !strings.Contains(out.Text, word) {
			t.Errorf("the fallback does not say %q:\n%s", word, out.Text)
		}
	}
}

func TestSlackKeepsTheLimitsOfBlockKit(t *testing.T) {
	in := inputs()["handed_off"]
	long := strings.Repeat("<&>", 5000)
	for name := range in.Lead.Facts.Profile {
		f := in.Lead.Facts.Profile[name]
		f.Value = long
		in.Lead.Facts.Profile[name] = f
	}
	for i := range 400 {
		in.Event.Detail.Parts = append(in.Event.Detail.Parts, contract.Part{Rule: "engagement/x", Points: i, Reason: long})
	}
	m := message(in)
	out := slackWebhook(m)
	if body := must(teamsBody(m)); len(body) > mostTeams || len(body) < mostTeams/3 {
		t.Errorf("the card for Teams has %d bytes", len(body))
	}
	if len(out.Blocks) > 50 || len(out.Text) > 4*slackSection {
		t.Errorf("%d blocks, text of %d bytes", len(out.Blocks), len(out.Text))
	}
	for i, block := range out.Blocks {
		checkBlock(t, i, block)
	}
}

func checkBlock(t *testing.T, i int, block slackBlock) {
	t.Helper()
	most := slackSection
	if block.Type == "header" {
		most = slackHeader
	}
	if block.Text != nil && (len([]rune(block.Text.Text)) > most || block.Text.Text == "") {
		t.Errorf("block %d: text of %d characters", i, len([]rune(block.Text.Text)))
	}
	if len(block.Fields) > slackFields {
		t.Errorf("block %d: %d fields", i, len(block.Fields))
	}
	for _, f := range block.Fields {
		if len([]rune(f.Text)) > slackField {
			t.Errorf("block %d: field of %d characters", i, len([]rune(f.Text)))
		}
	}
}

func TestAsks(t *testing.T) {
	all := []string{LabelAccept, LabelReject, LabelContacted}
	handed := contract.Detail{Handoff: ref(1, "maya")}
	for _, tc := range []struct {
		name   string
		event  contract.EventType
		detail contract.Detail
		change func(*lead.Lead)
		want   []string
	}{
		{"handed off", contract.LeadHandedOff, handed, nil, all},
		{"warned", contract.ClockWarned, handed, nil, all},
		{"breached, but still theirs", contract.ClockBreached, handed, nil, all},
		{"accepted before the message", contract.LeadHandedOff, handed, func(l *lead.Lead) { l.Journey.Handoff.Answer = lead.AnswerAccepted }, []string{LabelContacted, LabelMeeting, LabelSnooze}},
		{"contacted before the message", contract.LeadHandedOff, handed, func(l *lead.Lead) { l.Journey.Handoff.Answer = lead.AnswerContacted }, []string{LabelContacted, LabelMeeting, LabelSnooze, LabelFeedback}},
		{"rejected before the message", contract.LeadHandedOff, handed, func(l *lead.Lead) { l.Journey.Handoff.Answer = lead.AnswerRejected }, nil},
		{"moved on", contract.LeadHandedOff, handed, func(l *lead.Lead) { l.Journey.Handoff.Number = 2 }, nil},
		{"another rep under the number", contract.LeadHandedOff, handed, func(l *lead.Lead) { l.Journey.Handoff.Rep = "omar" }, nil},
		{"no handoff any more", contract.LeadHandedOff, handed, func(l *lead.Lead) { l.Journey.Handoff = nil }, nil},
		{"event of no handoff", contract.ClockWarned, contract.Detail{}, nil, nil},
		{"event that asks nothing", contract.LeadAccepted, handed, nil, nil},
	} {
		l := known()
		if tc.change != nil {
			tc.change(l)
		}
		if diff := cmp.Diff(tc.want, Asks(happened(tc.event, tc.detail), l)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, diff)
		}
	}
}

func TestNotesSayWhatHappenedSince(t *testing.T) {
	for _, tc := range []struct {
		answer lead.Answer
		want   []string
	}{
		{lead.AnswerNone, nil},
		{lead.AnswerAccepted, []string{"Maya Lind has accepted the lead by now."}},
		{lead.AnswerContacted, []string{"Maya Lind has contacted the lead by now."}},
		{lead.AnswerRejected, []string{"Maya Lind has rejected the lead."}},
	} {
		in := inputs()["handed_off"]
		in.Lead.Journey.Handoff.Answer = tc.answer
		if diff := cmp.Diff(tc.want, message(in).Notes); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tc.answer, diff)
		}
	}
}

func TestScoresAddUp(t *testing.T) {
	m := message(inputs()["handed_off"])
	for _, s := range m.Scores {
		sum := 0
		for _, p := range s.Parts {
			sum += p.Points
		}
		if sum != s.Points {
			t.Errorf("%s: the parts shown give %d, the score is %d", s.Name, sum, s.Points)
		}
	}
	if len(m.Scores) != 2 || m.Scores[0].Points != 45 || m.Scores[1].Points != 20 {
		t.Errorf("scores: %+v", m.Scores)
	}
}

func TestAPersonWithoutANameIsStillNamed(t *testing.T) {
	for _, tc := range []struct {
		fields map[string]string
		want   string
	}{
		{nil, "New lead for Maya Lind: somebody without a name"},
		{map[string]string{signal.FieldEmail: "x@y.example"}, "New lead for Maya Lind: x@y.example"},
		{map[string]string{signal.FieldLastName: "Cher", signal.FieldCompany: "Songs"}, "New lead for Maya Lind: Cher, Songs"},
	} {
		in := inputs()["handed_off"]
		in.Lead.Facts.Profile = profile(tc.fields)
		if got := message(in).Subject; got != tc.want {
			t.Errorf("%v: subject %q, want %q", tc.fields, got, tc.want)
		}
	}
}

func TestTimesAreTheTeams(t *testing.T) {
	in := inputs()["handed_off"]
	in.Policy = team()
	summer := time.Date(2026, 7, 1, 13, 0, 0, 0, time.UTC)
	if got, want := newView(in).time(summer), "Wed 1 Jul 2026, 09:00 EDT (America/New_York)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	in.Policy.Calendars = nil // a calendar that is gone must not stop a message
	if got, want := newView(in).time(summer), "Wed 1 Jul 2026, 13:00 UTC"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func indent(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}
