package directory

import (
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/policy/nearest"
	"github.com/handoff-oss/handoff/shared/policy/rules"
	"github.com/handoff-oss/handoff/shared/routing"
	"github.com/handoff-oss/handoff/shared/worktime"
)

// What one rep may have.
const (
	longestName   = 300
	longestMail   = 254
	longestReason = 200
	longestURL    = 2000
	longestWord   = 60
	mostWords     = 30
	mostLeave     = 200
	mostCaps      = 20
	mostWeight    = 1000
)

// change is an order that is carried out.
type change struct {
	policy *policy.Policy
	roster routing.Roster
	order  Order
	entry  routing.Entry
	wrong  Problems
}

func (c *change) apply() {
	e := c.order.Edit
	c.person(e)
	put(e.OwnerIDs, &c.entry.OwnerIDs, c.ownerIDs)
	put(e.Pools, &c.entry.Pools, c.pools)
	put(e.Weight, &c.entry.Weight, c.weight)
	put(e.Caps, &c.entry.Caps, c.caps)
	c.hours(e)
	c.off(e.Off)
	c.feed(e.Feed)
	if gone, ok := e.Gone.Value(); ok {
		c.entry.Gone = gone
	}
	c.givenBack(e)
	if e.Calendar.touched || e.Hours.touched || e.Pools.touched {
		c.duty()
	}
	for _, l := range e.RemoveLeave {
		c.removeLeave(l)
	}
	for _, l := range e.AddLeave {
		c.addLeave(l)
	}
	if len([]rune(c.order.Why)) > longestReason {
		c.wrong.add("why", fmt.Sprintf("use at most %d letters", longestReason))
	}
}

// put changes one field of the entry, after a look at the value.
func put[T any](f Field[T], field **T, check func(T)) {
	if !f.touched {
		return
	}
	if f.value != nil {
		check(*f.value)
	}
	*field = f.value
}

// person checks who the rep is and how they are reached.
func (c *change) person(e Edit) {
	put(e.Name, &c.entry.Name, func(name string) {
		if n := len([]rune(strings.TrimSpace(name))); n == 0 || n > longestName {
			c.wrong.add("name", fmt.Sprintf("give a name of at most %d letters", longestName))
		}
	})
	put(e.Email, &c.entry.Email, func(email string) {
		if !mails().MatchString(email) || len(email) > longestMail {
			c.wrong.add("email", fmt.Sprintf("%q is not an e-mail address", email))
			return
		}
		c.address(email)
	})
	put(e.Slack, &c.entry.Slack, func(id string) {
		if !slacks().MatchString(id) {
			c.wrong.add("slack", fmt.Sprintf("%q is not a Slack member id such as U0123ABCD", id))
		}
	})
}

// address makes sure that nobody else has it.
func (c *change) address(email string) {
	if other := c.other(func(r policy.Rep) bool { return email != "" && strings.EqualFold(r.Email, email) }); other != "" {
		c.wrong.add("email", other+" has this address already; each rep needs their own")
	}
}

// givenBack looks at what the rep has again, from the policy or from before
// they were removed: somebody else may have it by now.
func (c *change) givenBack(e Edit) {
	gone, said := e.Gone.Value()
	back := said && !gone
	rep, _, _ := routing.Find(c.roster.With(c.order.Rep, c.entry).Over(c.policy), c.order.Rep)
	if (back || e.Email.touched) && e.Email.value == nil {
		c.address(rep.Email)
	}
	if (back || e.OwnerIDs.touched) && e.OwnerIDs.value == nil {
		c.ownerIDs(rep.OwnerIDs)
	}
}

// other names a rep besides this one of whom something is true, "" for none.
func (c *change) other(is func(policy.Rep) bool) string {
	effective := c.roster.Over(c.policy)
	for _, id := range routing.IDs(effective) {
		if r, _, _ := routing.Find(effective, id); id != c.order.Rep && is(r) {
			return fmt.Sprintf("%s (%s)", r.Name, id)
		}
	}
	return ""
}

func (c *change) ownerIDs(all []string) {
	for i, id := range all {
		if !owners().MatchString(id) {
			c.wrong.add("owner_ids", fmt.Sprintf("%q is not a source and an id, such as hubspot:12345678", id))
		} else if slices.Contains(all[:i], id) {
			c.wrong.add("owner_ids", fmt.Sprintf("%s is named twice", id))
		} else if other := c.other(func(r policy.Rep) bool { return slices.Contains(r.OwnerIDs, id) }); other != "" {
			c.wrong.add("owner_ids", fmt.Sprintf("%s is %s; an id is one person", id, other))
		}
	}
}

func (c *change) pools(all []string) {
	known := slices.Sorted(maps.Keys(c.policy.Routing.Pools))
	if len(all) == 0 {
		c.wrong.add("pools", "name at least one pool; whoever is to be in none is removed")
	}
	for i, name := range all {
		if !slices.Contains(known, name) {
			c.wrong.add("pools", fmt.Sprintf("there is no pool %q%s; there is %s", name, nearest.Hint(name, known), strings.Join(known, ", ")))
		} else if slices.Contains(all[:i], name) {
			c.wrong.add("pools", fmt.Sprintf("%s is named twice", name))
		}
	}
}

func (c *change) weight(w float64) {
	if math.IsNaN(w) || w <= 0 || w > mostWeight {
		c.wrong.add("weight", fmt.Sprintf("a weight is more than 0 and at most %d; to give somebody nothing, switch them off", mostWeight))
	}
}

func (c *change) caps(all []policy.Cap) {
	tags := slices.Sorted(maps.Keys(c.policy.Routing.Tags))
	if len(all) > mostCaps {
		c.wrong.add("caps", fmt.Sprintf("use at most %d", mostCaps))
		return
	}
	for i, limit := range all {
		where := fmt.Sprintf("caps[%d]", i)
		if limit.Most < 1 || limit.Most > 1_000_000 {
			c.wrong.add(where+".most", "a cap is at least 1; to give somebody nothing, switch them off")
		}
		for _, f := range rules.CapFaults(limit, tags) {
			c.wrong.add(where+"."+f.Field, f.Message)
		}
		if limit.When != "" {
			if err := rules.CompileRoute(where+".when", limit.When); err != nil {
				c.wrong.add(where+".when", fmt.Sprintf("%s, at column %d of the expression", err.Reason, err.Column))
			}
		}
	}
	for _, pair := range rules.SameCaps(all) {
		c.wrong.add(fmt.Sprintf("caps[%d]", pair[1]), fmt.Sprintf("limits the same leads in the same time as caps[%d]; keep the smaller one", pair[0]))
	}
}

// hours sets a calendar of the policy's, or hours of the rep's own: the one ends
// the other.
func (c *change) hours(e Edit) {
	put(e.Calendar, &c.entry.Calendar, func(name string) {
		known := slices.Sorted(maps.Keys(c.policy.Calendars))
		if name != "" && !slices.Contains(known, name) {
			c.wrong.add("calendar", fmt.Sprintf("there is no calendar %q%s; there is %s", name, nearest.Hint(name, known), strings.Join(known, ", ")))
		}
	})
	if e.Calendar.touched {
		c.entry.Hours = nil
	}
	if f := c.entry.Feed; f != nil && (e.Calendar.touched || e.Hours.touched) {
		f.ETag, f.Modified = "", "" // times without a zone are by the rep's clock
	}
	put(e.Hours, &c.entry.Hours, func(own policy.Calendar) {
		c.entry.Calendar = nil
		alone := policy.Policy{Calendars: map[string]policy.Calendar{"own": own}, Holidays: c.policy.Holidays, Closures: c.policy.Closures}
		if _, err := worktime.FromPolicy(&alone, "own"); err != nil {
			for line := range strings.Lines(err.Error()) {
				c.hoursLine(strings.TrimSpace(strings.TrimPrefix(line, "read calendar: ")))
			}
		}
	})
}

// hoursLine takes in one line of what is wrong with a calendar, which begins
// with the place.
func (c *change) hoursLine(line string) {
	field, message, ok := strings.Cut(line, ": ")
	field = "hours" + strings.TrimPrefix(strings.TrimPrefix(field, "calendars.own"), ".hours")
	if !ok {
		field, message = "hours", line
	}
	c.wrong.add(field, message)
}

// duty finds pools whose hours the rep never shares.
func (c *change) duty() {
	if len(c.wrong) > 0 {
		return
	}
	effective := c.roster.With(c.order.Rep, c.entry).Over(c.policy)
	rep, pools, _ := routing.Find(effective, c.order.Rep)
	own, err := worktime.FromPolicy(effective, rep.Calendar)
	if rep.Calendar == "" || err != nil {
		return
	}
	for _, name := range pools {
		calendar := effective.Routing.Pools[name].Calendar
		if calendar == "" {
			calendar = effective.SLA.Calendar
		}
		team, err := worktime.FromPolicy(effective, calendar)
		if err == nil && !team.And(own).Opens(c.order.At) {
			c.wrong.add("hours", fmt.Sprintf("these hours and those of the pool %s (calendar %s) are never open at the same time, so nothing could be asked of the rep", name, calendar))
		}
	}
}

// off switches a rep off with a reason, or on again, also one whom the policy
// has off.
func (c *change) off(f Field[string]) {
	if !f.touched {
		return
	}
	c.entry.Switch, c.entry.Reason, c.entry.SwitchBy = routing.Unset, "", c.order.By
	if f.value == nil {
		if rep, _, _ := routing.Find(c.policy, c.order.Rep); rep.Off != "" {
			c.entry.Switch = routing.On
		}
		return
	}
	reason := strings.TrimSpace(*f.value)
	if n := len([]rune(reason)); n == 0 || n > longestReason {
		c.wrong.add("off", fmt.Sprintf("say why, in at most %d letters: others read it", longestReason))
	}
	c.entry.Switch, c.entry.Reason = routing.Off, reason
}

// addLeave adds leave that can be read and is not over.
func (c *change) addLeave(l policy.Leave) {
	zone := Zone(c.roster.With(c.order.Rep, c.entry).Over(c.policy), c.order.Rep)
	span, err := worktime.Leave(l, zone)
	at := c.order.At.In(zone)
	switch {
	case !moments().MatchString(l.From) || !moments().MatchString(l.To):
		c.wrong.add("leave", "give two days such as 2027-07-01, or two times such as 2027-07-01T13:00")
	case err != nil:
		c.wrong.add("leave", err.Error())
	case !span.To.After(at):
		c.wrong.add("leave", fmt.Sprintf("a leave %s is over already: it is %s in %s", routing.LeaveWords(l), at.Format("2006-01-02 15:04"), zone))
	case len([]rune(l.Reason)) > longestReason:
		c.wrong.add("leave", fmt.Sprintf("use at most %d letters for the reason", longestReason))
	case slices.Contains(c.entry.Leave, l):
		c.wrong.add("leave", "that leave was entered already")
	case len(c.entry.Leave) >= mostLeave:
		c.wrong.add("leave", fmt.Sprintf("there are %d leaves already; remove those that are over", mostLeave))
	}
	c.entry.Canceled = slices.DeleteFunc(c.entry.Canceled, func(gone policy.Leave) bool { return gone == l })
	c.entry.Leave = append(c.entry.Leave, l)
}

// removeLeave takes back leave that was entered, or that the policy has. What
// was read from a calendar is that calendar's to take back.
func (c *change) removeLeave(l policy.Leave) {
	if i := slices.Index(c.entry.Leave, l); i >= 0 {
		c.entry.Leave = slices.Delete(c.entry.Leave, i, i+1)
		return
	}
	if rep, _, _ := routing.Find(c.policy, c.order.Rep); slices.Contains(rep.Leave, l) {
		c.entry.Canceled = append(c.entry.Canceled, l)
		return
	}
	if c.entry.Feed != nil && slices.Contains(c.entry.Feed.Leave, l) {
		c.wrong.add("leave", routing.LeaveWords(l)+" comes from the calendar feed; remove it in that calendar")
		return
	}
	c.wrong.add("leave", "there is no leave "+routing.LeaveWords(l))
}

// feed sets the calendar that leave is read from. What was read stays until the
// new one is read; with none, it goes.
func (c *change) feed(f Field[Feed]) {
	if !f.touched {
		return
	}
	if f.value == nil {
		c.entry.Feed = nil
		return
	}
	next := routing.Feed{URL: strings.TrimSpace(f.value.URL)}
	if c.entry.Feed != nil {
		next.Leave, next.ReadAt = c.entry.Feed.Leave, c.entry.Feed.ReadAt
		if next.URL == "" {
			next.URL = c.entry.Feed.URL
		}
	}
	for _, word := range f.value.Words {
		if word = strings.TrimSpace(word); word != "" {
			next.Words = append(next.Words, word)
		}
	}
	if len(next.Words) > mostWords || slices.ContainsFunc(next.Words, func(w string) bool { return len([]rune(w)) > longestWord }) {
		c.wrong.add("feed.words", fmt.Sprintf("use at most %d words of at most %d letters", mostWords, longestWord))
	}
	if why := wrongAddress(next.URL); why != "" {
		c.wrong.add("feed.url", why)
	}
	c.entry.Feed = &next
}

// wrongAddress says why a feed cannot be read from an address, "" for nothing.
// What a name resolves to is looked at when it is read. It never quotes the
// address, which is a secret.
func wrongAddress(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || len(address) > longestURL:
		return "this is no address; copy the secret address in iCalendar format from your calendar's settings, which begins with https://"
	case u.Scheme == "webcal":
		return "write https:// in place of webcal://"
	case u.Scheme != "https":
		return "the address must begin with https://"
	case u.User != nil:
		return "an address with a user name and a password is not read; use the secret address of the calendar"
	}
	host := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" {
		return "the address must not name a port"
	}
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" || !strings.Contains(host, ".") {
		return "the address must name a public host"
	}
	return ""
}

// Zone is where the clock hangs that a rep's leave is told by.
func Zone(p *policy.Policy, rep string) *time.Location {
	r, pools, ok := routing.Find(p, rep)
	names := []string{r.Calendar}
	if ok {
		names = append(names, p.Routing.Pools[pools[0]].Calendar)
	}
	for _, name := range append(names, p.SLA.Calendar) {
		c, there := p.Calendars[name]
		if !there {
			continue
		}
		if zone, err := time.LoadLocation(c.Zone); err == nil {
			return zone
		}
	}
	return time.UTC
}
