package lead_test

import (
	"testing"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
)

func TestPeopleAreWhatPolicyAndRosterSay(t *testing.T) {
	p, err := policy.Decode(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := rules.Compile(p, "p1")
	if err != nil {
		t.Fatal(err)
	}
	core, err := lead.NewCore(compiled)
	if err != nil {
		t.Fatal(err)
	}
	roster := routing.Roster{}.With("bo", routing.Entry{
		Switch: routing.Off, Reason: "at a fair", Leave: []policy.Leave{{From: "2027-07-01", To: "2027-07-14"}},
	})
	people := core.People("sales", roster)
	if len(people) != 3 || people[0].ID != "alex" || people[0].Off != "" || people[1].Off != "at a fair" || len(people[1].Leave) != 1 || people[0].Hours == nil {
		t.Errorf("%+v", people)
	}
	if core.Team("sales") == nil || core.Team("nobody's") != nil || len(core.People("nobody's", roster)) != 0 {
		t.Error("a pool that there is not has hours or people")
	}
}
