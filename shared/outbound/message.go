package outbound

import (
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Recipient is somebody to tell.
type Recipient struct {
	Ref   string // names the recipient without personal data: "rep:maya", "manager:sales", "system"
	Name  string
	Email string
	Slack string // Slack member id
	Zone  string // IANA name of the zone of their calendar; "" is the team's
}

// Link is one thing that a recipient can do.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
	// Token is what the link proves, for a channel that can hand it back without
	// a browser; "" when the link is no answer.
	Token string `json:"-"`
}

// The labels of links.
const (
	LabelAccept    = "Accept"
	LabelReject    = "Reject"
	LabelContacted = "Contacted"
	LabelMeeting   = "Meeting set"
	LabelSnooze    = "Snooze"
	LabelComment   = "Comment"
	LabelFeedback  = "Feedback"
	LabelOpen      = "Open the lead"
	LabelSources   = "Open the sources"
	LabelRollout   = "Open the rollout"
	LabelConfirm   = "Confirm or decline"
)

// Line is a text with a name.
type Line struct {
	Label string `json:"label"`
	Text  string `json:"text"`
}

// Score is one score with the parts that add up to it.
type Score struct {
	Name   string
	Points int
	Parts  []contract.Part
}

// Message is what a recipient is told about one event. Its texts are single
// lines of plain text; none is safe as markup.
type Message struct {
	Event    contract.Event
	To       []Recipient
	Subject  string
	Intro    string            // what happened and what is asked, in a sentence or two
	Who      []Line            // the person
	Profile  map[string]string // the person, every field
	Why      string            // why the lead qualified
	Scores   []Score           // the parts of the scores at that time
	Promises []Line            // what was promised, and by when
	Notes    []string          // what happened since
	Links    []Link
	Reasons  []policy.Option // for which the lead may be rejected, while it may
}

// Input is what a message is made of.
type Input struct {
	Event  contract.Event
	Lead   *lead.Lead // as it is now, which may be later than the event; nil when the event is about none
	Policy *policy.Policy
	To     []Recipient
	Links  []Link
}

// The most runes of a text from outside.
const (
	mostName  = 80
	mostValue = 300
)

// New makes the message about an event. It is pure. It describes the event's
// own handoff; when the lead has moved on since, it says so.
func New(in Input) Message {
	v := newView(in)
	if in.Event.Type.AboutSource() {
		return sourceMessage(in, v)
	}
	if in.Event.Type.AboutRollout() {
		return rolloutMessage(in, v)
	}
	subject, intro := v.headline()
	m := Message{
		Event: in.Event, To: in.To, Links: in.Links,
		Subject: clean(subject, 150), Intro: clean(intro, 1000),
		Who: v.who(), Profile: v.profile(), Notes: v.notes(), Promises: v.promises(),
	}
	if v.explains() {
		why, parts := v.explanation()
		m.Why, m.Scores = clean(why, mostValue), scores(parts)
	}
	if slices.ContainsFunc(in.Links, func(l Link) bool { return l.Label == LabelReject }) {
		for _, r := range in.Policy.Routing.Rejections.Reasons {
			m.Reasons = append(m.Reasons, r.Option)
		}
	}
	return m
}

// view is an event with what is known about its lead and its team.
type view struct {
	Input
	zone *time.Location
}

func newView(in Input) view {
	zone, err := time.LoadLocation(zoneName(in))
	if err != nil {
		zone = time.UTC
	}
	return view{Input: in, zone: zone}
}

// zoneName is the zone that all recipients share, else the team's.
func zoneName(in Input) string {
	team := in.Policy.Calendars[in.Policy.SLA.Calendar].Zone
	if len(in.To) == 0 {
		return team
	}
	own := in.To[0].Zone
	if own == "" || slices.ContainsFunc(in.To, func(r Recipient) bool { return r.Zone != own }) {
		return team
	}
	return own
}

// time writes a time as the recipients' clock on the wall shows it.
func (v view) time(t time.Time) string {
	text := t.In(v.zone).Format("Mon 2 Jan 2006, 15:04 MST")
	if name := v.zone.String(); name != "UTC" {
		text += " (" + name + ")"
	}
	return text
}

func (v view) field(name string, most int) string {
	return clean(v.Lead.Facts.Profile[name].Value, most)
}

// person names the lead: name and company, as far as they are known.
func (v view) person() string {
	name := strings.TrimSpace(v.field(signal.FieldFirstName, mostName) + " " + v.field(signal.FieldLastName, mostName))
	if name == "" {
		name = v.field(signal.FieldEmail, mostName)
	}
	if name == "" {
		name = "somebody without a name"
	}
	if company := v.field(signal.FieldCompany, mostName); company != "" {
		name += ", " + company
	}
	return name
}

// who lists what a recipient wants to know about the person.
func (v view) who() []Line {
	name := strings.TrimSpace(v.field(signal.FieldFirstName, mostName) + " " + v.field(signal.FieldLastName, mostName))
	lines := []Line{
		{"Name", name},
		{"Title", v.field(signal.FieldTitle, mostValue)},
		{"Company", v.field(signal.FieldCompany, mostValue)},
		{"E-mail", v.field(signal.FieldEmail, mostValue)},
		{"Phone", v.field(signal.FieldPhone, mostValue)},
		{"Country", v.field(signal.FieldCountry, mostValue)},
		{"Employees", v.field(signal.FieldEmployees, mostValue)},
		{"Industry", v.field(signal.FieldIndustry, mostValue)},
		{"Website", v.field(signal.FieldWebsite, mostValue)},
	}
	var known []Line
	for _, l := range lines {
		if l.Text != "" {
			known = append(known, l)
		}
	}
	return known
}

func (v view) profile() map[string]string {
	all := make(map[string]string, len(v.Lead.Facts.Profile))
	for name, f := range v.Lead.Facts.Profile {
		all[name] = f.Value
	}
	return all
}

// explains tells whether the recipient needs to know why the lead qualified.
func (v view) explains() bool {
	return v.qualifies() || asksToAct(v.Event.Type)
}

// qualifies tells the events that carry the reason and the parts themselves.
func (v view) qualifies() bool {
	return slices.Contains([]contract.EventType{
		contract.LeadQualified, contract.LeadHandedOff, contract.LeadHeld, contract.LeadReassigned,
		contract.LeadSuggested, contract.LeadControlRouted, contract.LeadShadowed, contract.LeadIncomplete,
	}, v.Event.Type)
}

// explanation returns the reason and the parts of the event, or of its handoff
// where the event does not repeat them.
func (v view) explanation() (string, []contract.Part) {
	if v.qualifies() && v.Event.Type != contract.LeadReassigned && !v.isHeldBack() { // their reasons are why the lead was passed on, or held back
		return v.Event.Detail.Reason, v.Event.Detail.Parts
	}
	if v.isCurrent() {
		return v.Lead.Journey.Handoff.Reason, v.Lead.Journey.Handoff.Parts
	}
	return "", nil
}

// scores groups parts by the score that their rules' names begin with, as in
// "fit/business_address". Parts without points explain nothing.
func scores(parts []contract.Part) []Score {
	var all []Score
	for _, p := range parts {
		name, _, found := strings.Cut(p.Rule, "/")
		if !found || name == "" {
			name = "score"
		}
		if len(all) == 0 || all[len(all)-1].Name != name {
			all = append(all, Score{Name: name})
		}
		s := &all[len(all)-1]
		s.Points += p.Points
		if p.Points != 0 {
			s.Parts = append(s.Parts, contract.Part{Rule: p.Rule, Points: p.Points, Reason: clean(p.Reason, mostValue)})
		}
	}
	return all
}
