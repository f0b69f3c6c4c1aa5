package main

import (
	"strings"
	"testing"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

func TestPolicyCheck(t *testing.T) {
	text := string(policy.Default())
	tests := []struct {
		name, text, want string
		fails            bool
	}{
		{"valid", text, "is valid\n", false},
		{"warned", strings.Replace(text, "max_reps: 3", "max_reps: 4", 1), "escalation.max_reps: only 3 reps", false},
		{"wrong", strings.Replace(text, "provider: html", "provider: htlm", 1), `sources.html.provider: "htlm" is not known`, true},
		{"too long", text + strings.Repeat("#", maxPolicy), "", true},
	}
	for _, tt := range tests {
		out, _, err := run(t, nil, tt.text, "policy", "check", "-")
		if !strings.Contains(out, tt.want) || (err != nil) != tt.fails {
			t.Errorf("%s: %s%v; want %q", tt.name, out, err, tt.want)
		}
	}
	if _, _, err := run(t, nil, "", "policy", "check", "/no/such/file"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a missing file: %v", err)
	}
}

// own is a policy that differs from the default in what an operator must know.
func own() string {
	return strings.NewReplacer(
		"name: Example policy of a B2B software company", "name: Own",
		"  sendgrid:\n    provider: sendgrid\n    rank: 0\n", "  mail:\n    provider: sendgrid\n",
		"- id: casey", "- id: drew",
	).Replace(string(policy.Default()))
}

func TestPolicyApply(t *testing.T) {
	l, own := start(t), own()
	file := write(t, "own.yaml", own)
	v := policy.VersionOf([]byte(own))

	out, _, err := l.run("", "policy", "apply", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"Applied version " + string(v), "in place of default-", "within a minute",
		"The source sendgrid is gone", "The source mail is new", "No longer in the pools: casey.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if got, text, err := l.table.Policy(t.Context()); err != nil || got != v || string(text) != own {
		t.Errorf("the table holds version %s, %v; want %s", got, err, v)
	}
	if out, _, err := l.run("", "policy", "apply", file); err != nil || !strings.Contains(out, "already") {
		t.Errorf("applied again: %s%v", out, err)
	}
	if out, _, err := l.run("", "policy", "show"); err != nil || out != own {
		t.Errorf("show prints another text, or %v", err)
	}
	if out, _, err := l.run("", "policy", "explain"); err != nil || !strings.Contains(out, "Own, version "+string(v)) {
		t.Errorf("explain: %s%v", out, err)
	}
}

func TestPolicyApplyAgain(t *testing.T) {
	l, own := start(t), own()
	if _, _, err := l.run(own, "policy", "apply", "-"); err != nil {
		t.Fatal(err)
	}
	counts := strings.Replace(own, `signal.type == "email.opened"`, `signal.type == "email.clicked"`, 1)
	counts = strings.Replace(counts, `signal.type == "email.clicked"`, `signal.type == "email.opened"`, 1)
	if out, _, err := l.run(counts, "policy", "apply", "-"); err != nil || !strings.Contains(out, "counts are made anew") {
		t.Errorf("other counts: %s%v", out, err)
	}
	wrong := strings.Replace(own, "provider: html", "provider: htlm", 1)
	if _, _, err := l.run(wrong, "policy", "apply", "-"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an invalid policy: %v, want Invalid", err)
	}
	if got, _, err := l.table.Policy(t.Context()); err != nil || got != policy.VersionOf([]byte(counts)) {
		t.Errorf("after an invalid policy the table holds %s, %v", got, err)
	}
}

func TestDefaultAndExplainNeedNoStack(t *testing.T) {
	out, _, err := run(t, nil, "", "policy", "default")
	if err != nil || out != string(policy.Default()) {
		t.Errorf("default: %v", err)
	}
	out, _, err = run(t, nil, out, "policy", "explain", "-")
	if err != nil || !strings.Contains(out, "PROMISES") {
		t.Errorf("explain: %s%v", out, err)
	}
}

// What gates can find is said before anything is applied.
func TestExplainForetellsTheGates(t *testing.T) {
	const pilot = "../../shared/policy/examples/pilot.yaml"
	out, _, err := run(t, nil, "", "policy", "explain", pilot, "--per-week", "40")
	if err != nil || strings.Contains(out, "\nwatch:") {
		t.Errorf("%s%v", out, err)
	}
	for _, want := range []string{"WHAT THE GATES CAN FIND", "\nquarter:\n  sla_compliance: at 40 accounts a week this gate", "meeting_rate: at 40 accounts a week", "choose another", "Of 100 such phases"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	out, _, err = run(t, nil, string(policy.Default()), "policy", "explain", "-", "--per-week", "40")
	if err != nil || !strings.Contains(out, "No phase asks one.") {
		t.Errorf("%s%v", out, err)
	}
	if _, _, err = run(t, nil, "", "policy", "explain", pilot, "--per-week", "-1"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want Invalid", err)
	}
}

func TestAGroupRefusesWhatItDoesNotHave(t *testing.T) {
	for _, group := range []string{"rollout", "policy", "lead", "check"} {
		if out, _, err := run(t, nil, "", group, "nonsense"); err == nil || !strings.Contains(err.Error(), "unknown command") {
			t.Errorf("%s nonsense: %v\n%s", group, err, out)
		}
		if out, _, err := run(t, nil, "", group); err != nil || !strings.Contains(out, "Available Commands") {
			t.Errorf("%s: %v\n%s", group, err, out)
		}
	}
}

func TestNoStack(t *testing.T) {
	_, _, err := run(t, map[string]string{"PORT": "1"}, "", "policy", "show")
	if fault.KindOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "make run") {
		t.Errorf("got %v, want a hint at make run", err)
	}
}
