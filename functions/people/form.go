package main

import (
	"cmp"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
)

// form is what the fields of a card hold, by their names, and what is wrong
// with them.
type form struct {
	Values map[string]string
	Errors map[string]string
	Pools  []choice
	Hours  []choice // calendars, and hours of one's own
}

type choice struct {
	Value, Label string
	Chosen       bool
}

// formOf is the form of a rep as they are.
func formOf(s *subject) form {
	hours := directory.HoursOf(s.policy, s.rep.ID)
	calendar := s.rep.Calendar
	if s.entry.Hours != nil {
		calendar = ownHours
	}
	f := form{Errors: map[string]string{}, Values: map[string]string{
		"name": s.rep.Name, "email": s.rep.Email, "slack": s.rep.Slack, "owner_ids": strings.Join(s.rep.OwnerIDs, ", "),
		"weight": strconv.FormatFloat(s.rep.Weight, 'f', -1, 64), "caps": directory.CapsText(s.rep.Caps), "calendar": calendar,
		"zone": hours.Zone, "hours": routing.HoursText(hours.Hours), "regions": strings.Join(hours.Regions, ", "),
		"version": strconv.FormatInt(s.entry.Version, 10),
	}}
	f.choices(s.desk, s.pools)
	return f
}

// choices lists the pools that the asker may choose from, with those that are
// chosen, and the calendars.
func (f *form) choices(d *desk, pools []string) {
	f.Pools, f.Hours = nil, []choice{{"", "The pool's", f.Values["calendar"] == ""}}
	for _, name := range slices.Sorted(maps.Keys(d.base.Routing.Pools)) {
		if chosen := slices.Contains(pools, name); chosen || d.who.Manages(name) {
			f.Pools = append(f.Pools, choice{name, name, chosen})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.base.Calendars)) {
		f.Hours = append(f.Hours, choice{name, name, f.Values["calendar"] == name})
	}
	f.Hours = append(f.Hours, choice{ownHours, "Hours of their own", f.Values["calendar"] == ownHours})
}

// posted takes in what was sent.
func (f *form) posted(d *desk, sent url.Values) {
	for _, name := range []string{"id", "name", "email", "slack", "owner_ids", "weight", "caps", "calendar", "zone", "hours", "regions", "version", "why"} {
		if sent.Has(name) {
			f.Values[name] = strings.TrimSpace(strings.ReplaceAll(sent.Get(name), "\r\n", "\n"))
		}
	}
	f.choices(d, sent["pools"])
}

// edit is the change that the form makes of a rep: the fields that are not as
// they are, and those that are given back to the policy. Nil before is a rep
// who is not there yet.
func (f *form) edit(before *form, sent url.Values) directory.Edit {
	var e directory.Edit
	changed := func(name string) bool { return before == nil || f.Values[name] != before.Values[name] }
	said := func(name string) bool { return changed(name) && (before != nil || f.Values[name] != "") } // what a new rep lacks is not said
	f.person(&e, changed, said)
	if changed("weight") {
		f.weight(&e)
	}
	if said("caps") {
		caps, err := directory.ParseCaps(f.Values["caps"])
		f.wrong("caps", err)
		e.Caps = directory.Set(caps)
	}
	if before == nil || !slices.Equal(f.Pools, before.Pools) {
		e.Pools = directory.Set(sent["pools"])
	}
	f.hours(&e, changed, before == nil)
	for _, name := range sent["reset"] {
		e.GiveBack(name) // what is no field is not on the form
	}
	return e
}

// person sets who the rep is and how they are reached.
func (f *form) person(e *directory.Edit, changed, said func(string) bool) {
	if changed("name") {
		e.Name = directory.Set(f.Values["name"])
	}
	if changed("email") {
		e.Email = directory.Set(f.Values["email"])
	}
	if said("slack") {
		e.Slack = directory.Set(f.Values["slack"])
	}
	if said("owner_ids") {
		e.OwnerIDs = directory.Set(directory.ParseList(f.Values["owner_ids"]))
	}
}

func (f *form) weight(e *directory.Edit) {
	w, err := strconv.ParseFloat(cmp.Or(strings.ReplaceAll(f.Values["weight"], ",", "."), "1"), 64)
	if err != nil {
		f.Errors["weight"] = "this is no number such as 1 or 0.5"
	}
	e.Weight = directory.Set(w)
}

// hours sets a calendar, or hours of the rep's own.
func (f *form) hours(e *directory.Edit, changed func(string) bool, isNew bool) {
	own := f.Values["calendar"] == ownHours
	switch {
	case own && (changed("calendar") || changed("zone") || changed("hours") || changed("regions")):
		hours, err := directory.ParseHours(f.Values["hours"])
		f.wrong("hours", err)
		e.Hours = directory.Set(policy.Calendar{Zone: f.Values["zone"], Hours: hours, Regions: directory.ParseList(f.Values["regions"])})
	case !own && changed("calendar") && (!isNew || f.Values["calendar"] != ""):
		e.Calendar = directory.Set(f.Values["calendar"])
	}
}

func (f *form) wrong(name string, err error) {
	if err != nil && f.Errors[name] == "" {
		f.Errors[name] = err.Error()
	}
}

// refused takes in what is wrong with an order. It returns false when the error
// is about something else.
func (f *form) refused(err error) bool {
	var all directory.Problems
	if !errors.As(err, &all) {
		return false
	}
	for _, p := range all {
		name, message := fieldOf(p)
		if f.Errors[name] != "" {
			message = f.Errors[name] + "; " + message
		}
		f.Errors[name] = message
	}
	return true
}

// fieldOf is the field of the form that a problem is shown at, and what is said
// there.
func fieldOf(p directory.Problem) (name, message string) {
	name, _, nested := strings.Cut(strings.ReplaceAll(p.Field, "[", "."), ".")
	if p.Field == "hours.zone" {
		return "zone", p.Message
	}
	if name == "hours" && strings.HasPrefix(p.Field, "hours.regions") {
		return "regions", p.Message
	}
	if nested && name != "feed" {
		return name, p.Field + ": " + p.Message
	}
	return strings.ReplaceAll(p.Field, ".", "_"), p.Message
}
