package scoring

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard"
)

// mostNamed is how many bytes of a form's or a campaign's name are kept.
const mostNamed = 100

// Origin says where a lead came from: its first signal, the first form that it
// sent, the first campaign that a signal names and the first channel that one
// says, by the time at which they happened. It is a function of the set of signals. It settles with the first
// of them: only a signal that comes late, and happened before them, changes it.
type Origin struct {
	First    Mark  `json:"f"` // of all signals; zero for facts that were counted before origins were kept
	Form     Named `json:"m,omitzero"`
	Campaign Named `json:"c,omitzero"`
	Channel  Named `json:"h,omitzero"` // see standard.Channels
}

// Named is a name, and the signal that brought it.
type Named struct {
	Value string `json:"v"`
	Mark
}

// Source is the source of the first signal, by its name in the policy; "" when
// it is not known.
func (o Origin) Source() string {
	source, _, _ := strings.Cut(o.First.Event, "#")
	return source
}

// fold takes one signal in.
func (o *Origin) fold(s signal.Signal, mark Mark) {
	if o.First.At.IsZero() || earlier(mark, o.First) {
		o.First = mark
	}
	if s.Type == signal.FormSubmitted {
		o.Form = o.Form.first(cmp.Or(strings.TrimSpace(s.Attributes[signal.AttrForm]), s.Attributes[signal.AttrFormID]), mark)
	}
	o.Campaign = o.Campaign.first(campaignOf(s), mark)
	o.Channel = o.Channel.first(standard.Channel(s).Value, mark)
}

// Fields is what expressions see of it.
func (o Origin) Fields() rules.OriginFields {
	return rules.OriginFields{Channel: o.Channel.Value, Campaign: o.Campaign.Value, Form: o.Form.Value, Source: o.Source()}
}

func (n Named) first(value string, mark Mark) Named {
	value = clip(strings.TrimSpace(strings.ToValidUTF8(value, "")))
	if value == "" || n.Value != "" && !earlier(mark, n.Mark) {
		return n
	}
	return Named{Value: value, Mark: mark}
}

func earlier(a, b Mark) bool {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) < 0
}

func clip(s string) string { return clipTo(s, mostNamed) }

// clipTo cuts a text to at most so many bytes, between two characters.
func clipTo(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.TrimSpace(s[:end])
}

// campaignOf reads the campaign that a signal names: the parameter
// utm_campaign as forms and pages pass it on, the name that analytics puts
// into the context of an event, or the parameter in the address of the page.
func campaignOf(s signal.Signal) string {
	for _, name := range []string{"utm_campaign", "utm.campaign", "context.campaign.name", "campaign.name", "campaign_name"} {
		if v := s.Attributes[name]; v != "" {
			return v
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Attributes)) {
		if v := s.Attributes[name]; v != "" && strings.HasSuffix(strings.ToLower(name), "utm_campaign") {
			return v
		}
	}
	address := s.Attributes[signal.AttrURL]
	if !strings.Contains(address, "utm_campaign=") {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Query().Get("utm_campaign")
}
