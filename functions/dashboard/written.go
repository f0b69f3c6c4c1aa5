package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/signal"
)

const (
	mostAnswers = 200 // answers of a lead, and of each that became part of it, that are looked through for words
	mostNotes   = 20  // that the page of a lead shows
)

// written is what reps wrote about a lead. It stands on the lead's page alone:
// events, logs and the API say that there was a comment, and not what it says.
type written struct {
	Notes []note // the newest first
	More  bool   // there are others
}

// note is what a rep wrote with an answer.
type note struct {
	By, Answer, Text string
	At               time.Time
}

// written reads what reps wrote about a lead, and about those that became part of
// it. One that never had a holder has no answers.
func (h *handler) written(ctx context.Context, l *lead.Lead, policy *rules.Compiled) (written, error) {
	if l.Journey.Handoff == nil {
		return written{}, nil
	}
	var out written
	var answers []signal.Signal
	for _, k := range l.Parts() {
		some, more, err := h.leads.SignalsFrom(ctx, k, lead.Respond, mostAnswers)
		if err != nil {
			return written{}, err
		}
		answers, out.More = append(answers, some...), out.More || more
	}
	answers = slices.DeleteFunc(answers, func(s signal.Signal) bool { return s.Attributes[signal.AttrMessage] == "" })
	if len(answers) == 0 {
		return written{}, nil
	}
	names, err := h.names(ctx, policy)
	if err != nil {
		return written{}, err
	}
	slices.SortFunc(answers, func(a, b signal.Signal) int {
		return cmp.Or(b.ReceivedAt.Compare(a.ReceivedAt), cmp.Compare(b.ID, a.ID))
	})
	out.More = out.More || len(answers) > mostNotes
	for _, s := range answers[:min(len(answers), mostNotes)] {
		out.Notes = append(out.Notes, note{
			By: names.Of(s.Attributes[signal.AttrRep]), Answer: page.Title(strings.TrimPrefix(string(s.Type), "rep.")),
			Text: s.Attributes[signal.AttrMessage], At: s.ReceivedAt,
		})
	}
	return out, nil
}
