package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/access"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/directory"
	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/web"
)

// changeTries is how often a change is tried while others change the roster.
const changeTries = 10

type handler struct {
	table *table.Table
	maker *decision.Maker
	site  *web.Site
}

// routes are what this function answers.
func (h *handler) routes() map[access.Route]web.Handler {
	return map[access.Route]web.Handler{
		"GET /people":                  h.listPage,
		"GET /people/new":              h.newPage,
		"POST /people/new":             h.addRep,
		"GET /people/me":               h.ownPage,
		"GET /people/{rep}":            h.cardPage,
		"POST /people/{rep}":           h.changeCard,
		"GET /people/{rep}/leave":      h.leavePage,
		"POST /people/{rep}/leave":     h.enterLeave,
		"GET /people/{rep}/off":        h.offPage,
		"POST /people/{rep}/off":       h.switchOff,
		"GET /api/people":              h.listJSON,
		"GET /api/people/{rep}":        h.cardJSON,
		"POST /api/people/{rep}":       h.changeJSON,
		"POST /api/people/{rep}/leave": h.leaveJSON,
	}
}

// show answers with a page, under a status.
func (h *handler) show(r *web.Request, status int, name string, d page.Doc) (web.Response, error) {
	out, err := h.site.Show(r, name, d)
	if err == nil {
		out.StatusCode = status
	}
	return out, err
}

// desk is what a request looks at: the policy in force with what the directory
// says, and who asks.
type desk struct {
	who    access.Person
	at     time.Time
	base   *policy.Policy // as it was applied
	policy *policy.Policy // with the roster laid over
	core   *lead.Core
	roster routing.Roster
}

func (h *handler) desk(ctx context.Context, r *web.Request) (*desk, error) {
	base, err := h.maker.Core(ctx, r.Now)
	if err != nil {
		return nil, err
	}
	roster, err := h.table.Roster(ctx)
	if err != nil {
		return nil, err
	}
	d := &desk{who: r.Who, at: r.Now, base: base.Policy().Policy, core: base}
	d.lay(roster)
	return d, nil
}

func (d *desk) lay(r routing.Roster) {
	d.roster, d.core = r, d.core.Over(r)
	d.policy = d.core.Policy().Policy
}

// subject is the rep that a request is about, and what the asker may do.
type subject struct {
	*desk
	rep   policy.Rep
	pools []string
	entry routing.Entry
	edits bool // the asker may change everything of the rep
}

// subject finds whom a request is about, as about does.
func (h *handler) subject(ctx context.Context, r *web.Request) (*subject, error) {
	d, err := h.desk(ctx, r)
	if err != nil {
		return nil, err
	}
	return d.about(r)
}

// about finds the rep of the path. Whoever may see nothing of them is not even
// told whether there is one.
func (d *desk) about(r *web.Request) (*subject, error) {
	id := r.Params["rep"]
	rep, pools, ok := routing.Find(d.policy, id)
	s := &subject{desk: d, rep: rep, pools: pools, entry: d.roster.Reps[id], edits: d.edits(pools)}
	switch {
	case !s.edits && !d.isSelf(id):
		return nil, web.Problemf(http.StatusForbidden, "forbidden", "You may see the people of the pools that you manage, and yourself. Ask an operator if this should be one of them.")
	case !ok:
		return nil, web.Problemf(http.StatusNotFound, "not_found", "There is no such rep. The list of people shows those that there are.")
	}
	return s, nil
}

// edits tells whether the asker may change everything of a rep in some pools.
func (d *desk) edits(pools []string) bool {
	return d.who.Is(access.Operator) || slices.ContainsFunc(pools, d.who.Manages)
}

func (d *desk) isSelf(id string) bool { return d.who.Is(access.Rep) && id != "" && d.who.Rep == id }

// may says whether the asker may make a change. Kind: Denied.
func (s *subject) may(o directory.Order) error {
	if !s.edits && !o.Edit.OwnLeaveOnly() {
		return web.Problemf(http.StatusForbidden, "forbidden", "You may enter your own leave, and whether you receive leads. Ask your manager to change the rest.")
	}
	if err := s.mayReach(o.Edit); err != nil {
		return err
	}
	return s.mayPool(o)
}

// mayReach says whether the asker may change where a rep is reached. Whoever
// gets the messages of a rep can answer for them, in each of their pools.
func (s *subject) mayReach(e directory.Edit) error {
	same := func(f directory.Field[string], now string) bool {
		v, ok := f.Value()
		return !f.Touched() || ok && strings.EqualFold(v, now)
	}
	if same(e.Email, s.rep.Email) && same(e.Slack, s.rep.Slack) {
		return nil
	}
	for _, pool := range s.pools {
		if !s.who.Manages(pool) {
			return web.Problemf(http.StatusForbidden, "forbidden", fmt.Sprintf("Where %s is reached is for the managers of all their pools, and you do not manage %s. Ask an operator.", s.rep.Name, pool))
		}
	}
	return nil
}

// mayPool says whether the asker may put a rep into pools, or take them out.
func (s *subject) mayPool(o directory.Order) error {
	moved := s.pools
	if gone, ok := o.Edit.Gone.Value(); o.New || !ok || !gone {
		pools, touched := o.Edit.Pools.Value()
		if !touched && o.Edit.Pools.Touched() {
			_, pools, _ = routing.Find(s.base, o.Rep) // back to what the policy says
		} else if !touched {
			return nil
		}
		moved = slices.DeleteFunc(slices.Concat(s.pools, pools), func(p string) bool { return slices.Contains(s.pools, p) && slices.Contains(pools, p) })
	}
	if o.New {
		moved = slices.Concat(moved, s.former(o.Rep))
	}
	for _, pool := range moved {
		if !s.who.Manages(pool) {
			return web.Problemf(http.StatusForbidden, "forbidden", fmt.Sprintf("You do not manage the pool %s. Ask an operator, or its manager.", pool))
		}
	}
	return nil
}

// former are the pools of a rep who was removed. Whoever gives somebody that id
// gives them the leads that are still held under it.
func (d *desk) former(id string) []string {
	if pools := d.roster.Reps[id].Pools; pools != nil {
		return *pools
	}
	_, pools, _ := routing.Find(d.base, id)
	return pools
}

// change carries out an order, and looks at the roster anew when somebody else
// was faster with another rep.
func (h *handler) change(ctx context.Context, d *desk, o directory.Order) error {
	o.By, o.At = d.who.Called(), d.at
	for range changeTries {
		next, err := directory.Apply(d.base, d.roster, o)
		if err != nil {
			return h.explained(ctx, o, err)
		}
		err = h.table.PutRoster(ctx, next)
		if err == nil {
			d.lay(next)
			return nil
		}
		if fault.KindOf(err) != fault.Conflict {
			return err
		}
		now, err := h.table.Roster(ctx)
		if err != nil {
			return err
		}
		d.lay(now)
	}
	return fault.New(fault.Conflict, "the roster changed under each of %d tries", changeTries)
}

// mostTold is how many changes of others are told of.
const mostTold = 5

// explained tells whoever came second what the first has changed.
func (h *handler) explained(ctx context.Context, o directory.Order, err error) error {
	if fault.KindOf(err) != fault.Conflict {
		return err
	}
	if o.New {
		return web.Problemf(http.StatusConflict, "exists", "There is a rep with this id already. Choose another, or change that one.")
	}
	changes, _, failed := h.table.RosterChanges(ctx, o.Rep, 0, mostTold)
	if failed != nil {
		return errors.Join(err, failed)
	}
	var told []string
	for _, c := range changes {
		if o.Seen == nil || c.Version <= *o.Seen {
			continue
		}
		what := make([]string, len(c.What))
		for i, w := range c.What {
			what[i] = w.String()
		}
		told = append(told, fmt.Sprintf("%s, %s: %s", c.By, c.At.UTC().Format("2 Jan 15:04 UTC"), strings.Join(what, "; ")))
	}
	return web.Problemf(http.StatusConflict, "changed_meanwhile",
		"Somebody else changed this meanwhile, and nothing of yours was saved. "+strings.Join(told, ". ")+". Look at what is there now, and enter what is still to be changed.")
}
