package policy_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func TestDefaultDecodes(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, provider := range []string{
		"typeform", "hubspot", "segment", "sendgrid", "standard", "html",
		"google-ads", "gravity-forms", "jotform", "linkedin", "meta", "tally", "unbounce", "webflow",
		"cloudevents", "customerio", "intercom", "mailchimp", "mailgun", "mandrill", "marketo", "posthog", "postmark", "rudderstack", "snowplow", "zoom",
	} {
		if got := p.Sources[provider].Provider; got != provider {
			t.Errorf("source %s has provider %q, want one source per provider, named like it", provider, got)
		}
	}
	pool := p.Routing.Pools[p.Routing.Fallback]
	if len(pool.Reps) < 3 {
		t.Errorf("the default has %d reps, want at least 3", len(pool.Reps))
	}
	for _, r := range pool.Reps {
		if r.ID == "" || r.Name == "" || r.Email == "" || r.Weight <= 0 {
			t.Errorf("rep %+v lacks something", r)
		}
	}
	if got := time.Duration(p.SLA.Accept.Within); got != 30*time.Minute {
		t.Errorf("sla.accept.within is %v, want 30m", got)
	}
}

func TestDecodeFillsInTheWeight(t *testing.T) {
	p, err := policy.Decode([]byte("routing: {pools: {sales: {reps: [{id: a, name: A}, {id: b, weight: 0.5}]}}}"))
	if err != nil {
		t.Fatal(err)
	}
	reps := p.Routing.Pools["sales"].Reps
	if reps[0].Weight != 1 || reps[0].Name != "A" || reps[1].Weight != 0.5 {
		t.Errorf("got %+v", reps)
	}
}

func TestDecodeReadsWhatClocksTiersAndReasonsHaveInCommon(t *testing.T) {
	p, err := policy.Decode([]byte(`
sla:
  accept: {within: 30m, hours: team}
  tiers: [{name: hot, when: "true", accept: {within: 5m}}]
  pause: {most: 48h, reasons: [{id: a, label: A}]}
routing:
  rejections: {reasons: [{id: b, label: B, then: next, replace: true}]}
  pools: {p: {reps: [{id: r, name: R, leave: [{from: 2027-07-01, to: 2027-07-02T12:00}]}]}}
escalation: {accept: [{at: 50%, do: remind}, {at: -10m, do: manager}]}`))
	if err != nil {
		t.Fatal(err)
	}
	rep, reason := p.Routing.Pools["p"].Reps[0], p.Routing.Rejections.Reasons[0]
	if p.SLA.Accept.Hours != policy.HoursTeam || p.SLA.Tiers[0].Accept.Within != policy.Duration(5*time.Minute) || p.SLA.Pause.Reasons[0].Label != "A" {
		t.Errorf("sla is %+v", p.SLA)
	}
	if reason.ID != "b" || reason.Label != "B" || !reason.Replace || rep.Leave[0] != (policy.Leave{From: "2027-07-01", To: "2027-07-02T12:00"}) {
		t.Errorf("routing is %+v", p.Routing)
	}
	if steps := p.Escalation.Accept; len(steps) != 2 || steps[0].At.String() != "50%" || steps[1].At.String() != "-10m" {
		t.Errorf("steps are %v", steps)
	}
}

func TestDecodeIgnoresFieldsOfNewerReleases(t *testing.T) {
	if _, err := policy.Decode([]byte("name: n\nfuture: {a: 1}\nsla: {patience: 3h}")); err != nil {
		t.Errorf("Decode: %v", err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{"sla: {accept: {within: soon}}", "fit: [", "name: a\nname: b", "\t"} {
		if p, err := policy.Decode([]byte(text)); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Decode(%q) = %+v, %v; want Invalid", text, p, err)
		}
	}
}

func TestVersionOf(t *testing.T) {
	d := policy.VersionOf(policy.Default())
	if len(d) != len("default-")+8 || d[:8] != "default-" {
		t.Errorf("version of the default is %q", d)
	}
	a, b := policy.VersionOf([]byte("name: a")), policy.VersionOf([]byte("name: b"))
	if a == b || len(a) != 14 || a[:2] != "p-" || a != policy.VersionOf([]byte("name: a")) {
		t.Errorf("versions %q and %q", a, b)
	}
}

func TestDuration(t *testing.T) {
	tests := []struct{ in, out string }{
		{"30m", "30m"},
		{"4h", "4h"},
		{"1h30m", "1h30m"},
		{"90m", "1h30m"},
		{"0", "0s"},
		{"0s", "0s"},
		{"10s", "10s"},
		{"10m", "10m"},
		{"1m30s", "1m30s"},
		{"10h0m5s", "10h0m5s"},
		{"1.5h", "1h30m"},
	}
	for _, tt := range tests {
		var c policy.ClockPolicy
		if err := yaml.Unmarshal([]byte("within: "+tt.in), &c); err != nil {
			t.Errorf("%s from YAML: %v", tt.in, err)
			continue
		}
		j, err := json.Marshal(c.Within)
		if err != nil || string(j) != `"`+tt.out+`"` {
			t.Errorf("%s as JSON: %s, %v; want %q", tt.in, j, err, tt.out)
		}
		y, err := yaml.Marshal(c.Within)
		if err != nil || string(y) != tt.out+"\n" {
			t.Errorf("%s as YAML: %q, %v; want %q", tt.in, y, err, tt.out)
		}
		var back policy.Duration
		if err := json.Unmarshal(j, &back); err != nil || back != c.Within {
			t.Errorf("%s read back: %v, %v", j, back, err)
		}
	}
}
