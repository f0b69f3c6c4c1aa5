package view

import (
	"cmp"

	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/signal"
)

// WillMerge says in sentences what a merge of two leads would do.
func WillMerge(j decision.Joined, a, b *lead.Lead) []string {
	remains, gone := a, b
	if j.Lead.Key == b.Key {
		remains, gone = b, a
	}
	stays, goes := apart(remains, gone)
	all := []string{
		stays + " remains, and " + goes + " becomes part of it: what one is known by leads to the same lead, " + KnownBy(j.Lead) + " in all.",
	}
	all = append(all, handsOf(stays, remains, j.Lead)...)
	if h := gone.Journey.Holder(); h != nil {
		all = append(all, h.RepName+" is told that "+goes+" is part of another lead now, and none of their clocks for it runs on.")
	} else if gone.Journey.Held != nil {
		all = append(all, goes+" leaves the queue of the pool "+gone.Journey.Held.Pool+".")
	} else if gone.Journey.Incomplete != nil {
		all = append(all, goes+" leaves the queue of leads that wait for data.")
	}
	return append(all, "Everybody who is told of events hears that the two are one lead; nothing is deleted. On the page of the lead the merge can be taken back.")
}

// WillSplit says in sentences what taking a merge back would do.
func WillSplit(j decision.Joined, l *lead.Lead, m Merge) []string {
	_, stay := l.Aside(j.Also.Key)
	kept := *l
	kept.Members = map[signal.LeadKey]lead.Member{}
	for _, k := range stay {
		if member, ok := l.Members[k]; ok {
			kept.Members[k] = member
		}
	}
	all := []string{
		"There are two leads again. The one that is split off gets back " + m.Names + "; this one keeps " + KnownBy(&kept) + ".",
		"Both have the facts that the signals under their own names say, those since the merge too.",
	}
	all = append(all, handsOf("this lead", l, j.Lead)...)
	all = append(all, handsOf("the other lead", nil, j.Also)...)
	return append(all, "Nothing joins the two again by itself, and they are not suggested again.")
}

// handsOf says who would have a lead, and what the customer was promised.
func handsOf(name string, before, after *lead.Lead) []string {
	var was *lead.Handoff
	if before != nil {
		was = before.Journey.Holder()
	}
	is := after.Journey.Holder()
	where := waits(name, after.Journey)
	switch {
	case is != nil && was != nil && is.Number == was.Number:
		return []string{"As before, " + is.RepName + " has " + name + ", and the clocks run on."}
	case is != nil:
		return []string{is.RepName + " of the pool " + is.Pool + " gets " + name + " and a message about it, with clocks from now on."}
	case was != nil && where != "":
		return []string{was.RepName + " loses " + name + " and is told.", where}
	case was != nil:
		return []string{was.RepName + " loses " + name + " and is told, since it does not qualify without the other."}
	case where != "":
		return []string{where}
	}
	return []string{"Nobody has " + name + ", and no promise to the customer runs."}
}

// waits says what a lead waits for that qualifies and that nobody has; "" for any
// other.
func waits(name string, j lead.Journey) string {
	switch {
	case j.Held != nil:
		return "For " + name + " nobody is free: it waits for the pool " + j.Held.Pool + ", and is offered by itself, oldest first."
	case j.Incomplete != nil:
		return page.Sentence(name) + " waits for data in the queue of the pool " + j.Incomplete.Pool + ": " + j.Incomplete.Words() + "."
	case j.Suggested != nil:
		return "For " + name + " a handoff is suggested, which a manager of the pool " + j.Suggested.Pool + " confirms."
	}
	return ""
}

// called names a lead in a sentence.
func called(l *lead.Lead) string {
	p := l.Facts.Values()
	return NameOf(find.Name(p), p[signal.FieldEmail], p[signal.FieldCompany])
}

// apart names two leads so that they can be told apart.
func apart(a, b *lead.Lead) (x, y string) {
	x, y = called(a), called(b)
	if x != y {
		return x, y
	}
	more := func(l *lead.Lead) string {
		return cmp.Or(l.Facts.Profile[signal.FieldEmail].Value, l.Facts.Profile[signal.FieldCompany].Value, string(l.Key))
	}
	if more(a) == more(b) {
		return x + " (" + string(a.Key) + ")", y + " (" + string(b.Key) + ")"
	}
	return x + " (" + more(a) + ")", y + " (" + more(b) + ")"
}
