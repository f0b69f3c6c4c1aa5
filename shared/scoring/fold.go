package scoring

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

const secondsADay = 24 * 60 * 60

// dayOf returns the UTC day of t, as days since 1970-01-01.
func dayOf(t time.Time) int { return int(t.Unix() / secondsADay) }

// mailDays is how many days before today mail events stay evidence.
const mailDays = 2

// What the facts hold at the most. A lead must stay far below the 400 KB that an
// item takes, whatever a crawler, a scanner or a form sends about it: what
// cannot be written any more can neither be handed off nor be judged. What is
// left out is chosen by the signals alone, so that their order does not matter.
const (
	mostItems  = 500 // of a rule, the latest
	mostMail   = 200 // mail events of a UTC day, the first
	mostFields = 100 // of the profile, canonical ones first, then by name
)

// New returns the facts about a lead of whom nothing is known, for the rules of c.
func New(c *rules.Compiled) Facts { return Facts{Scoring: c.ScoringFingerprint()} }

// Of folds a whole set of signals: what a lead's facts must be at now,
// whatever order the signals came in. The set must hold no signal twice.
func Of(c *rules.Compiled, signals []signal.Signal, now time.Time) (Facts, error) {
	f := New(c)
	var first error
	for _, s := range signals {
		if err := f.Fold(c, s); err != nil && first == nil {
			first = err
		}
	}
	f.Settle(c, now)
	return f, first
}

// Fits tells whether the signal can be folded into f as it is. It cannot when
// f was made with other rules or before origins were kept, or when f has
// already judged the mail of that day: then the facts must be made anew from
// all signals with Of.
func (f *Facts) Fits(c *rules.Compiled, s signal.Signal) bool {
	if f.Scoring != c.ScoringFingerprint() || f.Signals > 0 && f.Origin.First.At.IsZero() {
		return false
	}
	_, mail := mailKind(s)
	return !mail || dayOf(s.OccurredAt) >= f.MailFrom
}

// Fold adds one signal. Folding is commutative; folding a signal twice is the
// caller's mistake. A rule whose expression fails counts as no match and is
// reported; the facts are folded all the same.
func (f *Facts) Fold(c *rules.Compiled, s signal.Signal) error {
	f.Signals++
	mark := Mark{At: s.OccurredAt, Event: s.Source + "#" + s.ID}
	f.Latest = later(f.Latest, mark)
	f.Origin.fold(s, mark)
	f.foldProfile(rankOf(c, s.Source), mark, s)
	f.foldConsent(mark, s)
	requests, requestErr := c.RequestHits(s)
	for _, i := range requests {
		f.Requests = put(f.Requests)
		name := c.Qualification.Requests[i].Name
		f.Requests[name] = later(f.Requests[name], mark)
	}
	hits, err := engagementHits(c, s)
	if kind, mail := mailKind(s); mail {
		f.addMail(kind, s, mark, hits)
	} else {
		f.count(dayOf(s.OccurredAt), hits)
	}
	if requestErr != nil {
		return requestErr
	}
	return err
}

// engagementHits returns the engagement rules that the signal counts for. What
// names itself as a machine counts for none.
func engagementHits(c *rules.Compiled, s signal.Signal) ([]Hit, error) {
	if machineMade(c.Engagement.Scanner, s) {
		return nil, nil
	}
	matched, err := c.EngagementHits(s)
	hits := make([]Hit, len(matched))
	for i, m := range matched {
		hits[i] = Hit{Rule: c.Engagement.Rules[m.Rule].Name, Item: hashItem(m.Item)}
	}
	return hits, err
}

// rankOf returns the rank of a source's word. What a person of ours enters ranks
// with the highest source: it goes before whatever was known then, and only a
// later word of such a source goes before it.
func rankOf(c *rules.Compiled, source string) int {
	if source != signal.Operator {
		return c.Sources[source].Rank
	}
	highest := 0
	for _, s := range c.Sources {
		highest = max(highest, s.Rank)
	}
	return highest
}

func (f *Facts) foldProfile(rank int, mark Mark, s signal.Signal) {
	set := func(name, value string) {
		value = strings.TrimSpace(value)
		if value == "" {
			return
		}
		f.Profile = put(f.Profile)
		next := Field{Value: value, Rank: rank, At: mark.At, Event: mark.Event}
		if old, known := f.Profile[name]; !known || wins(next, old) {
			f.Profile[name] = next
		}
		if len(f.Profile) > mostFields {
			delete(f.Profile, slices.MaxFunc(slices.Collect(maps.Keys(f.Profile)), compareFields))
		}
	}
	for name, value := range s.Lead {
		if name != signal.FieldEmail {
			set(name, value)
		}
	}
	set(signal.FieldEmail, signal.NormalizeEmail(s.Identity.Email))
	if s.Lead[signal.FieldPhone] == "" {
		set(signal.FieldPhone, s.Identity.Phone)
	}
}

// wins orders two values of a field by source rank, time and event.
func wins(a, b Field) bool {
	return cmp.Or(cmp.Compare(a.Rank, b.Rank), a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) > 0
}

// compareFields orders names of fields: canonical ones first, then by name.
func compareFields(a, b string) int {
	return cmp.Or(cmp.Compare(fieldClass(a), fieldClass(b)), cmp.Compare(a, b))
}

func fieldClass(name string) int {
	switch name {
	case signal.FieldEmail, signal.FieldFirstName, signal.FieldLastName, signal.FieldCompany, signal.FieldTitle,
		signal.FieldPhone, signal.FieldCountry, signal.FieldEmployees, signal.FieldWebsite, signal.FieldIndustry:
		return 0
	}
	return 1
}

func later(a, b Mark) Mark {
	if cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Event, b.Event)) >= 0 {
		return a
	}
	return b
}

// count adds the hits of one signal on a day.
func (f *Facts) count(day int, hits []Hit) {
	for _, h := range hits {
		if h.Item == "" {
			f.Counts = put(f.Counts)
			f.Counts[h.Rule] = put(f.Counts[h.Rule])
			f.Counts[h.Rule][day]++
			continue
		}
		f.Items = put(f.Items)
		f.Items[h.Rule] = put(f.Items[h.Rule])
		if last, known := f.Items[h.Rule][h.Item]; !known || day > last {
			f.Items[h.Rule][h.Item] = day
		}
		dropOldest(f.Items[h.Rule])
	}
}

// dropOldest drops the oldest item when there are too many. Of one day it is
// the first by hash.
func dropOldest(items map[string]int) {
	if len(items) <= mostItems {
		return
	}
	delete(items, slices.MinFunc(slices.Collect(maps.Keys(items)), func(a, b string) int {
		return cmp.Or(cmp.Compare(items[a], items[b]), cmp.Compare(a, b))
	}))
}

// Settle brings the facts to now: mail of past days is judged and counted, and
// what is older than the horizon is dropped. It changes no score at now.
func (f *Facts) Settle(c *rules.Compiled, now time.Time) {
	if from := dayOf(now) - mailDays; from > f.MailFrom {
		var keep, past []MailEvent
		for _, m := range f.Mail {
			if dayOf(m.At) < from {
				past = append(past, m)
			} else {
				keep = append(keep, m)
			}
		}
		countHuman(past, c.Engagement.Scanner, f.count)
		f.Mail, f.MailFrom = keep, from
	}
	oldest := dayOf(now) - c.Engagement.HorizonDays
	for rule, days := range f.Counts {
		maps.DeleteFunc(days, func(day, _ int) bool { return day < oldest })
		if len(days) == 0 {
			delete(f.Counts, rule)
		}
	}
	for rule, items := range f.Items {
		maps.DeleteFunc(items, func(_ string, day int) bool { return day < oldest })
		if len(items) == 0 {
			delete(f.Items, rule)
		}
	}
	if len(f.Counts) == 0 {
		f.Counts = nil
	}
	if len(f.Items) == 0 {
		f.Items = nil
	}
}

// Clone returns a copy that shares nothing with f.
func (f Facts) Clone() Facts {
	f.Profile = maps.Clone(f.Profile)
	f.Requests = maps.Clone(f.Requests)
	f.Mail = slices.Clone(f.Mail)
	f.Counts = cloneNested(f.Counts)
	f.Items = cloneNested(f.Items)
	f.Consent = maps.Clone(f.Consent)
	for purpose, c := range f.Consent {
		f.Consent[purpose] = c.clone()
	}
	return f
}

func cloneNested[K comparable, V any](m map[string]map[K]V) map[string]map[K]V {
	if m == nil {
		return nil
	}
	out := make(map[string]map[K]V, len(m))
	for k, v := range m {
		out[k] = maps.Clone(v)
	}
	return out
}

// put returns m, made when it was nil.
func put[K comparable, V any](m map[K]V) map[K]V {
	if m == nil {
		return map[K]V{}
	}
	return m
}

// hashItem keeps the stored facts small, and free of what a URL may carry.
func hashItem(item string) string {
	if item == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(item))
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}
