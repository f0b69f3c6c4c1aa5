package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/inbound"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/secret"
	"github.com/handoff-oss/handoff/shared/table"
)

func TestThePageOfSourcesIsCurrent(t *testing.T) {
	stored, err := os.ReadFile("../../shared/inbound/sources.md")
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := run(t, nil, "", "sources", "docs")
	if err != nil || out != string(stored) {
		t.Errorf("shared/inbound/sources.md is not what the adapters say (%v). Run: go run ./infra/handoffctl sources docs > shared/inbound/sources.md", err)
	}
	for _, name := range inbound.Providers() {
		if !strings.Contains(out, "provider: "+name+"\n") {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestSourcesAreListedWithTheirState(t *testing.T) {
	l := start(t)
	hour := table.SourceHour{
		Source: "typeform", Hour: l.now.Truncate(time.Hour), Outcomes: map[string]int64{"accepted": 3, "bad_signature": 1}, Signals: 3, Error: "bad_signature: the signature does not fit",
		Times: map[table.SourceTime]time.Time{table.LastEvent: l.now.Add(-5 * time.Minute), table.LastVerified: l.now.Add(-5 * time.Minute), table.LastError: l.now.Add(-3 * time.Hour)},
	}
	if err := l.table.AddSourceHour(t.Context(), hour); err != nil {
		t.Fatal(err)
	}
	out, _, err := l.run("", "sources")
	if err != nil {
		t.Fatal(err)
	}
	squeezed := regexp.MustCompile(` +`).ReplaceAllString(out, " ")
	for _, want := range []string{
		"typeform typeform alive 5 min ago 3 fits 3 h ago: bad_signature the signature does not fit", "html html waiting never 0 unknown -", "google-ads Google Ads lead forms forms", "sources add NAME",
	} {
		if !strings.Contains(squeezed, want) {
			t.Errorf("%q is missing in\n%s", want, squeezed)
		}
	}
	if out, _, err := run(t, map[string]string{"PORT": "1"}, "", "sources"); err != nil || !strings.Contains(out, "No stack was asked") || !strings.Contains(out, "zoom") {
		t.Errorf("%s%v", out, err)
	}
}

// A new source: every step, and a secret that is shown once.
func TestAddExplainsEveryStep(t *testing.T) {
	l := start(t)
	seen := map[string]bool{}
	for _, provider := range inbound.Providers() {
		a, _ := inbound.Lookup(provider)
		about := a.About()
		out, _, err := l.run("", "sources", "add", "emea-"+provider, "--provider", provider)
		if err != nil {
			t.Errorf("%s: %v", provider, err)
			continue
		}
		for _, want := range []string{about.Title, "provider: " + provider, "/webhooks/" + string(a.Kinds()[0]) + "/emea-" + provider, about.Paste, about.Key, "sources try emea-" + provider} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: %q is missing in\n%s", provider, want, out)
			}
		}
		fresh := freshSecret(t, about, out)
		if seen[fresh] && fresh != "" {
			t.Errorf("%s: the secret was seen before", provider)
		}
		seen[fresh] = true
	}
}

// freshSecret returns the secret that a text shows, "" when the tool makes it up.
func freshSecret(t *testing.T, about inbound.About, out string) string {
	t.Helper()
	fresh := regexp.MustCompile(`shown this once:\n\n +(\S+)\n`).FindStringSubmatch(out)
	switch {
	case (about.Choose != inbound.TheyChoose) != (fresh != nil):
		t.Errorf("who chooses the secret?\n%s", out)
	case fresh == nil:
	case len(fresh[1]) < 26 || strings.HasPrefix(fresh[1], "whsec_") != (about.Choose == inbound.WeChooseWhsec):
		t.Errorf("the secret is %s", fresh[1])
	case strings.Contains(about.Paste, "?token=") != strings.Contains(out, "?token="+fresh[1]):
		t.Errorf("the token belongs into the address:\n%s", out)
	default:
		return fresh[1]
	}
	return ""
}

// What is there already is tried, and its secret is not shown.
func TestAddTriesWhatIsThere(t *testing.T) {
	l := start(t)
	l.env["SECRETS"], l.keys = keys(t)
	for name, known := range l.keys {
		l.received = nil
		out, _, err := l.run("", "sources", "add", name)
		if err != nil || len(l.received) != 1 || !strings.Contains(out, "works") {
			t.Errorf("%s: %v, received %v\n%s", name, err, l.received, out)
		}
		for _, k := range known {
			if strings.Contains(out, k) && len(k) > 5 {
				t.Errorf("%s: the stored secret is shown:\n%s", name, out)
			}
		}
	}
}

func TestTrySendsEveryProvidersSample(t *testing.T) {
	l := start(t)
	l.keys = map[string]secret.Keys{}
	var file strings.Builder
	for _, provider := range inbound.Providers() {
		a, _ := inbound.Lookup(provider)
		key := madeUp(a.About().Choose)
		if key == "" {
			key = "the tool's own secret"
		}
		if provider == "sendgrid" {
			continue // which has a pair of keys: see above
		}
		l.keys[provider] = secret.Keys{key}
		file.WriteString(provider + ": \"" + key + "\"\n")
	}
	l.env["SECRETS"] = write(t, "secrets.yaml", file.String())
	for provider := range l.keys {
		l.received = nil
		if out, _, err := l.run("", "sources", "try", provider); err != nil || len(l.received) != 1 {
			t.Errorf("%s: %v, received %v\n%s", provider, err, l.received, out)
		}
	}
}

func TestSourcesSayWhatIsWrong(t *testing.T) {
	l := start(t)
	l.env["SECRETS"], l.keys = keys(t)
	l.keys["typeform"] = secret.Keys{"another"}
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no tool", []string{"add", "leads"}, "which tool?"},
		{"an unknown tool", []string{"add", "leads", "--provider", "typefrom"}, `no tool "typefrom"; there are calcom`},
		{"a name that is none", []string{"add", "Our Leads", "--provider", "typeform"}, "small letters"},
		{"another tool's name", []string{"add", "typeform", "--provider", "tally"}, "choose another name"},
		{"a kind that it does not send", []string{"add", "leads", "--provider", "tally", "--kind", "crm"}, "Tally sends forms"},
		{"another secret", []string{"try", "typeform"}, "was refused with 401: is the secret"},
		{"no source", []string{"try", "nosuch"}, `no source "nosuch"`},
	} {
		_, _, err := l.run("", append([]string{"sources"}, c.args...)...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
	l.env["SECRETS"] = write(t, "s.yaml", "sendgrid: {public_key: abc}\n")
	if _, _, err := l.run("", "sources", "try", "sendgrid"); fault.KindOf(err) != fault.NotFound {
		t.Error(err)
	}
}

// The lines of the policy that add prints are ones that a policy takes.
func TestTheLinesForThePolicyAreGood(t *testing.T) {
	l := start(t)
	out, _, err := l.run("", "sources", "add", "leads-emea", "--provider", "meta")
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^ {2}leads-emea:\n( {4}.*\n)+`).FindString(out)
	text := regexp.MustCompile(`(?m)^sources:\n`).ReplaceAllString(string(policy.Default()), "sources:\n"+lines)
	if _, _, err := l.run(text, "policy", "check", "-"); err != nil {
		t.Errorf("%v\n%s", err, lines)
	}
}
