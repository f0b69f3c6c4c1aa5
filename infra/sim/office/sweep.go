package office

import (
	"slices"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// NextSweep returns the next full minute whose sweep has anything to do. ok is
// false when none ever has, unless something is heard.
func (o *Office) NextSweep() (at time.Time, ok bool) {
	consider := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	if o.reviewed != o.standing() {
		consider(o.now)
	}
	if t, some := o.due.next(); some {
		consider(t)
	}
	under := lead.Under(o.policy.Version, o.roster)
	for _, p := range o.pools {
		switch {
		case p.Held == 0:
		case p.Under != under:
			consider(o.now)
		default:
			consider(p.Reopens)
		}
	}
	if at = ceil(at); !at.After(o.swept) {
		at = o.swept.Add(time.Minute)
	}
	return at, ok
}

// ceil returns the first full minute that is not before t.
func ceil(t time.Time) time.Time {
	minute := t.Truncate(time.Minute)
	if minute.Before(t) {
		minute = minute.Add(time.Minute)
	}
	return minute
}

// sweep does what the function sla does each minute: it looks at clocks again
// whose hours have changed, at the leads that are due, and offers held leads.
func (o *Office) sweep() error {
	if err := o.review(); err != nil {
		return err
	}
	for _, k := range o.due.take(o.now) {
		d, err := o.run(lead.World{Key: k}, nil)
		if err != nil {
			return err
		}
		if at, due := o.files[k].lead.NextDue(); due && !at.After(o.now) && d.Lead == nil {
			return fault.New(fault.Internal, "lead %s is due since %s, and nothing follows", k, at.Format(time.RFC3339))
		}
	}
	under := lead.Under(o.policy.Version, o.roster)
	var queues []string
	due := false
	for _, name := range sortedKeys(o.pools) {
		if p := o.pools[name]; p.Held > 0 {
			queues = append(queues, name)
			due = due || !o.now.Before(p.Reopens) || p.Under != under
		}
	}
	if !due {
		return nil
	}
	return o.offer(queues)
}

func (o *Office) standing() reviewed { return reviewed{o.policy.Version, o.roster.Version} }

// review looks at all running clocks after a change of the policy, and at those
// of the leads whose holder's entry has changed after one of the roster.
func (o *Office) review() error {
	is := o.standing()
	if o.reviewed == is {
		return nil
	}
	var keys []signal.LeadKey
	if o.reviewed.policy != is.policy {
		keys = o.due.all()
	} else {
		for _, rep := range sortedKeys(o.roster.Reps) {
			if o.roster.Reps[rep].Version > o.reviewed.roster {
				keys = append(keys, o.HeldBy(rep)...)
			}
		}
	}
	for _, k := range keys {
		if _, err := o.run(lead.World{Key: k, Review: true}, nil); err != nil {
			return err
		}
	}
	o.reviewed = is
	return nil
}

// waiting is a lead in a queue.
type waiting struct {
	lead  signal.LeadKey
	queue string
	since time.Time
}

// offer offers the leads of some queues, oldest first, until nobody can take any.
func (o *Office) offer(queues []string) error {
	var all []waiting
	for _, queue := range queues {
		for _, k := range o.Queue(queue) {
			all = append(all, waiting{k, queue, o.owners[queueOwner(queue)][k]})
		}
	}
	all = slices.DeleteFunc(all, func(w waiting) bool { return w.since.After(o.now) }) // held back by order
	slices.SortStableFunc(all, func(a, b waiting) int { return a.since.Compare(b.since) })
	offering := o.core.NewOffering(o.now)
	for _, w := range all {
		d, err := o.run(lead.World{Key: w.lead, Offer: true}, nil)
		if err != nil {
			return err
		}
		if d.Refused != nil && d.Lead == nil && offering.Refused(w.queue, *d.Refused) {
			break
		}
	}
	for _, queue := range queues {
		o.offered(queue, offering.Reopens(queue))
	}
	return nil
}

// offered notes under what a queue was offered, and when to try again.
func (o *Office) offered(pool string, reopens time.Time) {
	p := o.pools[pool]
	if p.Held == 0 {
		return
	}
	p.Reopens, p.Under = reopens, lead.Under(o.policy.Version, o.roster)
	p.Version++
	o.pools[pool] = p
}

// index files a lead as the table's indexes do: by when it is due, and by who
// holds it or what queue it waits in.
func (o *Office) index(before, after *lead.Lead) {
	at, ok := after.NextDue()
	o.due.set(after.Key, at, ok)
	if was, _ := owner(before); was != "" {
		delete(o.owners[was], after.Key)
	}
	if is, since := owner(after); is != "" {
		if o.owners[is] == nil {
			o.owners[is] = map[signal.LeadKey]time.Time{}
		}
		o.owners[is][after.Key] = since
	}
}

func queueOwner(pool string) string { return "held#" + pool }

// owner returns whose the lead is: a queue's, a rep's or nobody's, and since when.
func owner(l *lead.Lead) (string, time.Time) {
	if l == nil {
		return "", time.Time{}
	}
	h := l.Journey.Holder()
	switch {
	case l.Journey.Held != nil:
		since := l.Journey.Held.Waits
		if until := l.Journey.Held.Until; !until.IsZero() {
			since = until
		}
		return queueOwner(l.Journey.Held.Pool), since
	case h != nil:
		return h.Rep, h.Since
	}
	return "", time.Time{}
}
