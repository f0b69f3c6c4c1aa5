package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/funnel"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/rollout"
	"github.com/handoff-oss/handoff/shared/steering"
)

// percent writes a share, 0 to 1, with at most one decimal: "12.5 %".
func percent(share float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(100*share, 'f', 1, 64), ".0") + " %"
}

// number writes a mean with three digits.
func number(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

// amount returns how the values of a picture are written: as shares, means, or
// differences from control, with a sign.
func amount(p steering.Picture) func(float64) string {
	against := p.Against == string(rollout.Control)
	switch {
	case p.Share && against:
		return func(v float64) string { return fmt.Sprintf("%+.1f points", 100*v) }
	case p.Share:
		return percent
	case against:
		return func(v float64) string { return fmt.Sprintf("%+.3g", v) }
	}
	return number
}

// value writes one arm's value of a stage, with its interval.
func value(s steering.Stage, side steering.Side) string {
	switch {
	case side.N == 0:
		return "none yet"
	case s.Measure == rollout.Share:
		return fmt.Sprintf("%s (%s to %s)", percent(side.Value), percent(side.Low), percent(side.High))
	case s.In == "share": // of leads, as a mean of groups
		return fmt.Sprintf("%s (%s to %s)", percent(side.Value), percent(max(side.Low, 0)), percent(min(side.High, 1)))
	}
	return fmt.Sprintf("%s %s (%s to %s)", number(side.Value), s.In, number(max(side.Low, 0)), number(side.High))
}

// labelOf is what people call an outcome.
func labelOf(outcome string) string {
	o, err := funnel.Find(outcome)
	if err != nil {
		return page.Title(outcome)
	}
	return o.Label
}

// plain writes the outcomes in sentences as words, and each sentence once: two
// gates of one outcome may say the same.
func plain(sentences []string) []string {
	all := make([]string, 0, len(sentences))
	for _, s := range sentences {
		for _, o := range funnel.Outcomes() {
			s = strings.ReplaceAll(s, o.Name, strings.Replace(page.Words(o.Name), "sla ", "SLA ", 1))
		}
		if s = page.Sentence(s); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// modeWords says what a mode does.
func modeWords(m rollout.Mode) string {
	switch m {
	case rollout.Shadow:
		return "decides and records, tells nobody"
	case rollout.Suggest:
		return "a manager confirms each handoff"
	case rollout.Auto:
	}
	return "hands leads off by itself"
}

// badge is a word with the class that colors it.
type badge struct{ Word, Class string }

func decisionBadge(d rollout.Decision) badge {
	switch d {
	case rollout.Promote:
		return badge{"promote", "ok"}
	case rollout.Rollback:
		return badge{"roll back", "bad"}
	case rollout.Ask:
		return badge{"ask a person", "warn"}
	case rollout.Hold:
	}
	return badge{"hold", "info"}
}

func standingBadge(s rollout.Standing, r rollout.Role) badge {
	switch s {
	case rollout.Better:
		if r == rollout.Guardrail {
			return badge{"safe", "ok"}
		}
		return badge{"passed", "ok"}
	case rollout.Worse:
		if r == rollout.Guardrail {
			return badge{"harm proven", "bad"}
		}
		return badge{"failed", "bad"}
	case rollout.Unusable:
		return badge{"unusable", "warn"}
	case rollout.Few:
		return badge{"too few yet", ""}
	case rollout.Open:
	}
	return badge{"open", ""}
}

func statusBadge(s rollout.Status) badge {
	switch s {
	case rollout.Paused:
		return badge{"paused", "warn"}
	case rollout.RolledBack:
		return badge{"rolled back", "bad"}
	case rollout.Running:
	}
	return badge{"running", "ok"}
}

// didWords says what an act was.
func didWords(s rollout.State) string {
	switch s.Act {
	case rollout.ActBegin:
		return "The rollout began with " + s.Phase
	case rollout.ActPromote:
		return "Promoted to " + s.Phase
	case rollout.ActHold:
		return "Held"
	case rollout.ActPause:
		return "Paused"
	case rollout.ActResume:
		return "Resumed: " + s.Phase
	case rollout.ActRollBack:
		return "Rolled back"
	case rollout.ActFollow:
		return "The policy changed the phase: " + s.Phase
	}
	return page.Title(string(s.Act))
}
