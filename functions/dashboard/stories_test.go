package main

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/scoring"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/table"
)

// policyVersion is the version of testdata/policy.yaml in these tests.
const policyVersion policy.Version = "p-test"

func policyText(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func dynamodbClient(c aws.Config) *dynamodb.Client { return dynamodb.NewFromConfig(c) }

// store writes leads with a log item each.
func (b bench) store(t *testing.T, leads ...*lead.Lead) {
	t.Helper()
	for _, l := range leads {
		if err := b.leads.Commit(t.Context(), table.Change{Lead: l, Log: logOf(l)}); err != nil {
			t.Fatal(err)
		}
	}
}

func (b bench) storeMany(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		b.store(t, known(t, now.Add(-time.Duration(i)*time.Minute), map[string]string{
			"email": fmt.Sprintf("reader%02d@some-long-company-name.example", i), "first_name": "Reader", "last_name": fmt.Sprint(i), "company": "Some Long Company Name",
		}, "Newsletter"))
	}
}

// known is a lead that sent one form and nothing was decided about.
func known(t *testing.T, at time.Time, profile map[string]string, form string) *lead.Lead {
	t.Helper()
	p, err := policy.Decode(policyText(t))
	if err != nil {
		t.Fatal(err)
	}
	c, err := rules.Compile(p, policyVersion)
	if err != nil {
		t.Fatal(err)
	}
	s := signal.Signal{
		Source: "typeform", ID: "evt-1", Type: signal.FormSubmitted, OccurredAt: at, ReceivedAt: at,
		Identity: signal.Identity{Email: profile["email"]}, Lead: profile, Attributes: map[string]string{signal.AttrForm: form},
	}
	key, err := s.LeadKey()
	if err != nil {
		t.Fatal(err)
	}
	facts, err := scoring.Of(c, []signal.Signal{s}, at)
	if err != nil {
		t.Fatal(err)
	}
	return &lead.Lead{
		Key: key, Version: 1, CreatedAt: at, UpdatedAt: at, Facts: facts,
		Journey: lead.Journey{Stage: lead.Known, StageAt: map[lead.Stage]time.Time{lead.Known: at}},
	}
}

// ada asked for a demo an hour ago and is with alex, who has half an hour left.
func ada(t *testing.T) *lead.Lead {
	t.Helper()
	at := now.Add(-time.Hour)
	l := known(t, at, map[string]string{
		"email": "ada@analytical-engines.example", "first_name": "Ada", "last_name": "Byron", "company": "Analytical Engines",
		"title": "VP Engineering", "phone": "+44 20 7946 0018", "budget": "approved",
	}, "Request a demo")
	l.Journey.Stage = lead.HandedOff
	l.Journey.StageAt[lead.Qualified], l.Journey.StageAt[lead.HandedOff] = at, at
	l.Journey.Handoff = &lead.Handoff{
		Number: 2, Pool: "sales", Rep: "alex", RepName: "Alex Rivera", Since: at, Reason: "Asked for a demo on 23 November 2026",
		Parts: []contract.Part{{Rule: "fit/business_address", Points: 20, Reason: "Writes from a business address"}},
		By:    "fallback", Log: 1,
		HadBy: []string{"bo", "alex"},
	}
	l.Journey.Clocks = []lead.Clock{
		{Kind: lead.AcceptClock, Scope: lead.HolderScope, State: lead.Stopped, Handoff: 1, StartedAt: at, DueAt: at.Add(30 * time.Minute), EndedAt: at.Add(5 * time.Minute)},
		{
			Kind: lead.AcceptClock, Scope: lead.HolderScope, State: lead.Running, Handoff: 2, Hours: policy.HoursHolder, Within: 90 * time.Minute,
			StartedAt: at, DueAt: now.Add(30 * time.Minute), StepAt: now.Add(20 * time.Minute),
		},
		{
			Kind: lead.FirstContactClock, Scope: lead.CustomerScope, State: lead.Running, Handoff: 1, Hours: policy.HoursTeam, Within: 4 * time.Hour,
			StartedAt: at, DueAt: now.Add(3 * time.Hour), StepAt: now.Add(3 * time.Hour),
		},
	}
	return l
}

// gus asked for a newsletter from a free-mail address.
func gus(t *testing.T) *lead.Lead {
	t.Helper()
	return known(t, now.Add(-2*time.Hour), map[string]string{"email": "gus@gmail.com", "first_name": "Gus", "last_name": "Free", "company": "Solo"}, "Newsletter")
}

// mallory writes markup into every field.
func mallory(t *testing.T) *lead.Lead {
	t.Helper()
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)><b>bold`
	l := known(t, now.Add(-time.Hour), map[string]string{
		"email": "mallory@hostile.example", "first_name": hostile, "last_name": "'" + hostile, "company": "javascript :" + hostile,
		"title": hostile, "phone": hostile, hostile: hostile,
	}, hostile)
	l.Journey.Stage = lead.HandedOff
	l.Journey.Handoff = &lead.Handoff{
		Number: 1, Pool: hostile, Rep: hostile, RepName: hostile, Since: now, Reason: hostile,
		By: hostile, Log: 1, HadBy: []string{hostile}, Contact: &contract.ActRef{How: hostile, At: now, Word: hostile, Source: hostile},
	}
	return l
}

// routeOf is how the lead's holder was found.
func routeOf(l *lead.Lead) []lead.RouteStep {
	h := l.Journey.Handoff
	switch {
	case h == nil:
		return nil
	case h.Rep != "alex":
		return []lead.RouteStep{{By: h.By, Pool: h.Pool, Why: h.Reason, Considered: []routing.Considered{{Rep: h.Rep, Chosen: true, Why: h.Reason}}}}
	}
	return []lead.RouteStep{
		{By: "rule big", Pool: "enterprise", Considered: []routing.Considered{{Rep: "emil", Why: "has left us"}}},
		{By: "fallback", Pool: "sales", Considered: []routing.Considered{
			{Rep: "alex", Chosen: true, Why: "owed most: 0.50 leads"},
			{Rep: "bo", Why: "had this lead before, and others have not"},
			{Rep: "casey", Why: "on leave until 28 Nov"},
		}},
	}
}

func logOf(l *lead.Lead) *lead.LogItem {
	item := &lead.LogItem{
		Route: routeOf(l),
		Key:   l.Key, Version: l.Version, At: l.UpdatedAt, PolicyVersion: policyVersion, Inputs: []string{"typeform evt-1"},
	}
	tell := func(kind contract.EventType, summary string, d contract.Detail) {
		d.Stage = string(l.Journey.Stage)
		item.Entries = append(item.Entries, contract.Event{
			ID: contract.EventID(string(l.Key), l.Version, len(item.Entries)), Type: kind, Time: l.UpdatedAt, Lead: string(l.Key),
			PolicyVersion: string(policyVersion), Summary: summary, Detail: d,
		})
	}
	tell(contract.LeadCreated, "Heard of for the first time", contract.Detail{})
	if h := l.Journey.Handoff; h != nil {
		tell(contract.LeadHandedOff, "Handed off: "+h.Reason, contract.Detail{
			Handoff: &contract.HandoffRef{Number: h.Number, Pool: h.Pool, Rep: h.Rep}, Reason: h.Reason, Parts: h.Parts,
		})
		for _, c := range l.Journey.Clocks {
			if c.State == lead.Running {
				tell(contract.ClockStarted, "A clock started", contract.Detail{Clock: &contract.ClockRef{Kind: string(c.Kind), Scope: string(c.Scope), DueAt: c.DueAt}})
			}
		}
	}
	return item
}
