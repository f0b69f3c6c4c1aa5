package steering_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/dynamodb/dynamotest"
	"github.com/handoff-oss/handoff/shared/bus/bustest"
	"github.com/handoff-oss/handoff/shared/contract"
	"github.com/handoff-oss/handoff/shared/evidence"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/steering"
	"github.com/handoff-oss/handoff/shared/table"
)

var (
	update = flag.Bool("update", false, "write the golden files")
	monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
)

const (
	day   = 24 * time.Hour
	later = 9 * day // when everybody who was enrolled on Monday is old enough

	twoPhases = `
name: tests
sla: {calendar: office}
calendars: {office: {zone: UTC, hours: {mon: ["09:00-17:00"]}}}
rollout:
  seed: s
  unit: account
  phases:
    - name: half
      mode: auto
      share: 50
      least_days: 1
      most_days: 30
      sample: 20
      gates:
        - {outcome: acceptance, kind: criterion, at_least: 60}
        - {outcome: acceptance within 6 days, kind: guardrail, at_least: 30}
    - {name: all, mode: auto, share: 100}
`
)

func agreed() string {
	return strings.Replace(twoPhases, "      sample: 20", "      sample: 20\n      approve: operator", 1)
}

// told returns types and phases of the events, each id once.
func (s *stage) told() []string {
	return s.bus.Told(func(e contract.Event) string { return fmt.Sprintf("%s %s", e.Type, e.Detail.Rollout.Phase) })
}

type stage struct {
	*steering.Desk
	table *table.Table
	bus   *bustest.Bus
}

func open(t *testing.T, yaml string) *stage {
	t.Helper()
	client, name := dynamotest.CreateTable(t)
	tab := table.New(client, name)
	if err := tab.PutPolicy(t.Context(), policy.VersionOf([]byte(yaml)), []byte(yaml), monday); err != nil {
		t.Fatal(err)
	}
	return &stage{Desk: steering.New(tab), table: tab, bus: &bustest.Bus{}}
}

func (s *stage) tick(t *testing.T, at time.Time) steering.Report {
	t.Helper()
	r, err := s.Tick(t.Context(), s.bus, at)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// count enrolls 200 units in either arm on Monday, of which some of the process accepted.
func (s *stage) count(t *testing.T, accepted int) {
	t.Helper()
	const n = 200
	var all []evidence.Change
	for i := range 2 * n {
		arm := []funnel.Arm{funnel.Treatment, funnel.Control}[i%2]
		key := fmt.Sprintf("%d", i)
		c := evidence.Change{Lead: signal.LeadKey(key), Version: 1, Record: funnel.Record{
			Enrolment: funnel.Enrolment{Phase: "half", Round: 1, Unit: funnel.UnitAccount, ID: key, Arm: arm, At: monday},
		}}
		if i/2 < accepted && arm == funnel.Treatment {
			c.Record.Since(funnel.Accepted, monday.Add(time.Hour))
		}
		all = append(all, c)
	}
	_, days := evidence.Fold(nil, nil, all)
	if err := s.table.CommitCount(t.Context(), nil, days); err != nil {
		t.Fatal(err)
	}
}

func TestEachVerdictIsCarriedOutAndToldOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		policy    string
		accepted  int // of 200
		action    rollout.Decision
		phase     string
		status    rollout.Status
		version   int64
		told      []string
		tellsOnly string
	}{
		"all gates pass":        {twoPhases, 190, rollout.Promote, "all", rollout.Running, 2, []string{"rollout.promoted all"}, "acceptance"},
		"somebody has to agree": {agreed(), 190, rollout.Ask, "half", rollout.Running, 1, []string{"rollout.approval_needed half"}, "operator"},
		"harm":                  {twoPhases, 10, rollout.Rollback, "half", rollout.RolledBack, 2, []string{"rollout.rolled_back half"}, "worse than 30 %"},
		"too little is known":   {twoPhases, 122, rollout.Hold, "half", rollout.Running, 1, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, tt.policy)
			s.tick(t, monday)
			s.count(t, tt.accepted)
			r := s.tick(t, monday.Add(later))
			if r.Ruling.Action != tt.action || !r.Kept {
				t.Errorf("ruled %s, kept %t: %v", r.Ruling.Action, r.Kept, r.Ruling.Why)
			}
			s.tick(t, monday.Add(later+time.Hour))
			s.tick(t, monday.Add(later+2*time.Hour))
			s.stands(t, tt.phase, tt.status, tt.version)
			if diff := cmp.Diff(tt.told, s.told()); diff != "" {
				t.Error(diff)
			}
			if len(s.bus.Events) > 0 && !strings.Contains(strings.Join(s.bus.Events[0].Detail.Rollout.Reasons, " "), tt.tellsOnly) {
				t.Errorf("%+v", s.bus.Events[0].Detail.Rollout)
			}
			s.recomputes(t, tt.action)
		})
	}
}

func (s *stage) stands(t *testing.T, phase string, status rollout.Status, version int64) {
	t.Helper()
	state, err := s.table.Rollout(t.Context())
	if err != nil || state.Phase != phase || state.Status != status || state.Version != version {
		t.Errorf("%+v %v", state, err)
	}
}

func (s *stage) recomputes(t *testing.T, want rollout.Decision) {
	t.Helper()
	stored, _, same, err := s.Recompute(t.Context(), monday.Add(later))
	if err != nil || !same || stored.Action != want {
		t.Errorf("recomputed: %v %t %v", stored.Action, same, err)
	}
}

// A phase that begins on a day to come is as long as one that begins at once.
func TestTheTimesOfAPhaseCountFromItsStart(t *testing.T) {
	watch := strings.NewReplacer("mode: auto\n      share: 50", "mode: shadow\n      share: 50\n      start: \"2026-03-12\"", "least_days: 1", "least_days: 3").Replace(twoPhases)
	s := open(t, watch)
	if v, err := s.Status(t.Context(), monday); err != nil || v.Ruling.Action != rollout.Hold || v.Ruling.Why[0] != "The phase has not begun." {
		t.Errorf("before the first tick: %s %v %v", v.Ruling.Action, v.Ruling.Why, err)
	}
	start := time.Date(2026, 3, 12, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		at   time.Time
		want rollout.Decision
		why  string
	}{
		{monday, rollout.Hold, "The phase has not begun."},
		{monday.Add(later), rollout.Hold, "The phase has not begun."},
		{start.Add(2 * day), rollout.Hold, "The phase is to take 3 days at least; it needs 1 day more."},
		{start.Add(3 * day), rollout.Ask, "In shadow nobody hears of a lead, so that the numbers cannot say whether to go on."},
	} {
		if r := s.tick(t, tt.at); r.Ruling.Action != tt.want || r.Ruling.Why[0] != tt.why {
			t.Errorf("%s: %s %v", tt.at, r.Ruling.Action, r.Ruling.Why)
		}
	}
	v, err := s.Status(t.Context(), start.Add(3*day))
	if err != nil || !v.EarliestEnd.Equal(start.Add(3*day)) || len(v.Rulings) != 4 {
		t.Errorf("ends on %s at the earliest, %d rulings: %v", v.EarliestEnd, len(v.Rulings), err)
	}
}

func TestWhatIsKeptGrowsWithDays(t *testing.T) {
	s := open(t, twoPhases)
	for hour := range 50 {
		s.tick(t, monday.Add(time.Duration(hour)*time.Hour))
	}
	all, err := s.table.Rulings(t.Context(), monday, monday.Add(50*time.Hour), 100)
	if err != nil || len(all) != 3 {
		t.Errorf("%d rulings of three days, want 3: %v", len(all), err)
	}
}

func TestABusThatIsAwayIsToldLaterUnderTheSameID(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	s.count(t, 10)
	s.bus.Away = true
	for i := range 2 {
		if _, err := s.Tick(t.Context(), s.bus, monday.Add(later+time.Duration(i)*time.Hour)); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("%v, want Unavailable", err)
		}
	}
	state, err := s.table.Rollout(t.Context())
	if err != nil || state.Status != rollout.RolledBack {
		t.Errorf("harm waits for the bus: %+v %v", state, err)
	}
	s.bus.Away = false
	s.tick(t, monday.Add(later+2*time.Hour))
	s.tick(t, monday.Add(later+3*time.Hour))
	if len(s.bus.Events) != 1 || s.bus.Events[0].ID != contract.RolloutEventID(2, monday.Add(later)) {
		t.Errorf("%+v", s.bus.Events)
	}
}

// A tick that dies after the state was written leaves the event to the next.
func TestWhatAPersonDoesIsToldByTheNextTick(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	at := monday.Add(time.Hour)
	if _, err := s.Pause(t.Context(), steering.Decision{By: "Morgan Hale", Why: "a fair", Version: 1, At: at}); err != nil {
		t.Fatal(err)
	}
	s.tick(t, at.Add(time.Minute))
	s.tick(t, at.Add(time.Hour))
	if diff := cmp.Diff([]string{"rollout.held half"}, s.told()); diff != "" {
		t.Fatal(diff)
	}
	if e := s.bus.Events[0]; e.Detail.By != "Morgan Hale" || e.Detail.Rollout.Status != "paused" || !e.Time.Equal(at) {
		t.Errorf("%+v %+v", e, e.Detail.Rollout)
	}
}

func TestTicksAtOnceActOnce(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	s.count(t, 190)
	var g errgroup.Group
	for i := range 5 {
		g.Go(func() error {
			_, err := steering.New(s.table).Tick(t.Context(), s.bus, monday.Add(later+time.Duration(i)*time.Second))
			if fault.KindOf(err) == fault.Conflict {
				return nil // the mark of what is counted: the next hour goes on
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	s.tick(t, monday.Add(later+time.Hour))
	state, err := s.table.Rollout(t.Context())
	if err != nil || state.Version != 2 || state.Phase != "all" {
		t.Errorf("%+v %v", state, err)
	}
	if diff := cmp.Diff([]string{"rollout.promoted all"}, s.told()); diff != "" {
		t.Error(diff)
	}
}

func TestTheSecondOfTwoManagersIsTold(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	first := steering.Decision{By: "Noor Vega", Why: "it goes well", Version: 1, At: monday.Add(time.Hour)}
	if state, err := s.Promote(t.Context(), first); err != nil || state.Phase != "all" {
		t.Fatalf("%+v %v", state, err)
	}
	_, err := s.RollBack(t.Context(), steering.Decision{By: "Morgan Hale", Why: "it does not", Version: 1, At: monday.Add(2 * time.Hour)})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "Noor Vega was faster") {
		t.Errorf("%v", err)
	}
	_, err = s.Hold(t.Context(), steering.Decision{By: "Morgan Hale", Version: steering.AnyVersion, At: monday.Add(2 * time.Hour)})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("without a reason: %v", err)
	}
}

// What the process did is said in sentences, which end by themselves.
func TestWhoComesAfterTheProcessIsTold(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	_, err := s.Pause(t.Context(), steering.Decision{By: "Morgan Hale", Why: "a fair", Version: 0, At: monday.Add(time.Hour)})
	if fault.KindOf(err) != fault.Conflict || !strings.Contains(err.Error(), "The rollout has begun. Look at the rollout again") {
		t.Errorf("%v", err)
	}
}

// An event carries the reason, and the bus takes no event of any size.
func TestAReasonIsNoBook(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	_, err := s.Pause(t.Context(), steering.Decision{By: "Morgan Hale", Why: strings.Repeat("because ", 40_000), Version: 1, At: monday.Add(time.Hour)})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want Invalid", err)
	}
	s.stands(t, "half", rollout.Running, 1)
}

// Whoever was asked since nothing was decided hears of it when they are to agree.
func TestWhoIsAskedHearsThatTheGatesHavePassed(t *testing.T) {
	s := open(t, agreed())
	s.tick(t, monday)
	over := monday.Add(31 * day)
	s.tick(t, over)
	s.tick(t, over.Add(time.Hour))
	s.count(t, 190)
	s.tick(t, over.Add(2*time.Hour))
	s.tick(t, over.Add(3*time.Hour))
	if diff := cmp.Diff([]string{"rollout.approval_needed half", "rollout.approval_needed half"}, s.told()); diff != "" {
		t.Error(diff)
	}
	if last := s.bus.Events[len(s.bus.Events)-1].Detail.Rollout; !strings.HasPrefix(last.Reasons[0], "All gates have passed") {
		t.Errorf("%+v", last)
	}
}

// Two gates of one outcome and role, against a number and against control, have a
// picture each.
func TestEachGateHasItsPicture(t *testing.T) {
	both := "        - {outcome: contact_rate within 6 days, kind: guardrail, at_least: 1}\n" +
		"        - {outcome: contact_rate within 6 days, kind: guardrail, than: control, at_least: -50}\n"
	s := open(t, strings.Replace(twoPhases, "    - {name: all", both+"    - {name: all", 1))
	s.tick(t, monday)
	s.count(t, 122)
	s.tick(t, monday.Add(later))
	v, err := s.Status(t.Context(), monday.Add(later+time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range v.Pictures {
		if len(p.Looks) != 1 {
			t.Errorf("%s against %s: %d looks, want 1", p.Outcome, p.Against, len(p.Looks))
		}
	}
}

func TestWithOnePhaseForEverybodyNothingIsSteered(t *testing.T) {
	s := open(t, "name: tests\n")
	if r := s.tick(t, monday); !r.Everybody {
		t.Errorf("%+v", r)
	}
	state, err := s.table.Rollout(t.Context())
	if err != nil || state.Version != 0 {
		t.Errorf("stored %+v %v", state, err)
	}
	_, err = s.RollBack(t.Context(), steering.Decision{By: "Morgan Hale", Why: "no", Version: steering.AnyVersion, At: monday})
	if fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v", err)
	}
	if v, err := s.Status(t.Context(), monday); err != nil || !v.Everybody {
		t.Errorf("%+v %v", v, err)
	}
	if j, err := s.Journal(t.Context(), monday); err != nil || len(j.Chapters) != 0 {
		t.Errorf("%+v %v", j, err)
	}
}

func TestStatusShowsBothArmsAndThePicture(t *testing.T) {
	s := open(t, agreed())
	s.tick(t, monday)
	s.count(t, 190)
	s.tick(t, monday.Add(later))
	v, err := s.Status(t.Context(), monday.Add(later+time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Track) != 2 || !v.Track[0].Current || v.State.Version != 1 || !v.EarliestEnd.Equal(monday.Add(day)) {
		t.Errorf("%+v", v)
	}
	if a := v.Stages[0]; a.Outcome != "acceptance" || a.Treated.N != 200 || a.Treated.Value != 0.95 || a.Treated.Low >= 0.95 || a.Treated.High <= 0.95 || a.Control.N != 0 {
		t.Errorf("%+v", a)
	}
	if c := v.Stages[4]; c.Outcome != "contact_rate" || c.Control.Censored != 200 {
		t.Errorf("%+v", c)
	}
	if len(v.Pictures) != 2 || len(v.Pictures[0].Looks) != 1 || v.Pictures[0].Looks[0].State != rollout.Better {
		t.Errorf("%+v", v.Pictures)
	}
}

// What the next phase's gates can find is said while this one lasts.
func TestTheNextPhaseIsForetold(t *testing.T) {
	gated := "{name: all, mode: auto, share: 100, most_days: 60, gates: [{outcome: meeting_rate, kind: criterion, at_least: 5}, {outcome: win_rate, kind: guardrail, at_least: 5}]}"
	s := open(t, strings.Replace(agreed(), "{name: all, mode: auto, share: 100}", gated, 1))
	s.tick(t, monday)
	if v, err := s.Status(t.Context(), monday.Add(time.Hour)); err != nil || len(v.NextOutlook) != 0 {
		t.Errorf("without a rate: %v %v", v.NextOutlook, err)
	}
	s.count(t, 190)
	s.tick(t, monday.Add(later))
	v, err := s.Status(t.Context(), monday.Add(2*7*day))
	if err != nil || len(v.NextOutlook) != 3 {
		t.Fatalf("%v %v", v.NextOutlook, err)
	}
	for i, want := range []string{"meeting_rate: at 200 accounts a week this gate decides within", "win_rate: at 200 accounts a week this gate stays open for about", "Of 100 such phases"} {
		if !strings.Contains(v.NextOutlook[i], want) {
			t.Errorf("%q, want %q", v.NextOutlook[i], want)
		}
	}
	if !strings.Contains(v.NextOutlook[1], "choose another") {
		t.Errorf("%q", v.NextOutlook[1])
	}
}

// A policy that draws other units begins the phase anew.
func TestOtherUnitsAreAnotherRound(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	text := []byte(strings.Replace(twoPhases, "unit: account", "unit: lead", 1))
	if err := s.table.PutPolicy(t.Context(), policy.VersionOf(text), text, monday.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.tick(t, monday.Add(2*time.Hour))
	state, err := s.table.Rollout(t.Context())
	if err != nil || state.Round != 2 || state.Unit != "lead" || state.Act != rollout.ActFollow {
		t.Errorf("%+v %v", state, err)
	}
}

// A phase that is rolled back comes to no end by itself.
func TestWhatIsRolledBackHasNoEnd(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	if _, err := s.RollBack(t.Context(), steering.Decision{By: "Morgan Hale", Why: "harm", Version: 1, At: monday.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	v, err := s.Status(t.Context(), monday.Add(2*time.Hour))
	if err != nil || !v.EarliestEnd.IsZero() || !v.LatestEnd.IsZero() || len(v.Rulings) != 1 {
		t.Errorf("ends from %s to %s, %d rulings: %v", v.EarliestEnd, v.LatestEnd, len(v.Rulings), err)
	}
}

func TestTheJournalAsMarkdown(t *testing.T) {
	s := open(t, twoPhases)
	s.tick(t, monday)
	if err := s.Note(t.Context(), "Noor Vega", "Reps in *Europe* answer late on Mondays.", monday.Add(day)); err != nil {
		t.Fatal(err)
	}
	s.count(t, 190)
	s.tick(t, monday.Add(later))
	j, err := s.Journal(t.Context(), monday.Add(later+day))
	if err != nil {
		t.Fatal(err)
	}
	got, golden := []byte(j.Markdown()), filepath.Join("testdata", "journal.md")
	if *update {
		if err := os.WriteFile(golden, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./shared/steering -update writes it anew: %s", diff)
	}
}
