package e2e

import (
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/handoff-oss/handoff/infra/stack"
	"github.com/handoff-oss/handoff/shared/decision"
	"github.com/handoff-oss/handoff/shared/lead"
	"github.com/handoff-oss/handoff/shared/signal"
)

// named is a person with the names that a sender has for them.
func named(email, user, browser string) map[string]string {
	all := map[string]string{}
	for name, value := range map[string]string{"email": email, "user_id": user, "anonymous_id": browser} {
		if value != "" {
			all[name] = value
		}
	}
	return all
}

// visits is a page view, or a form of somebody who gives their address.
func (w world) visits(id string, identity map[string]string, at time.Time) stack.Webhook {
	kind := signal.PageViewed
	if identity["email"] != "" {
		kind = signal.FormSubmitted
	}
	return stack.StandardOf(identity, string(kind), id, map[string]string{"form": "Newsletter", "url": "https://www.our-company.example/pricing"}, at)
}

func (w world) stored(email string) *lead.Lead {
	w.t.Helper()
	k, err := signal.KeyOfEmail(email)
	w.must(err)
	l, err := w.table().Lead(w.t.Context(), k)
	w.must(err)
	return l
}

// playNames: a visitor becomes a person, a user and another address of the same;
// what comes at once makes one lead; a browser that two people use joins nobody,
// and what was done with it is the first one's.
func playNames(w world) {
	at := w.monday(10, 0)
	w.send(
		w.visits("names-1", named("", "", "names-browser"), at),
		w.visits("names-2", named("", "", "names-browser"), at.Add(time.Minute)),
	)
	w.idle()
	var g errgroup.Group
	for _, h := range []stack.Webhook{
		w.visits("names-3", named("nora@names.example", "names-user", "names-browser"), at.Add(2*time.Minute)),
		w.visits("names-4", named("nora@names.example", "", "names-phone"), at.Add(2*time.Minute)),
		w.visits("names-5", named("", "names-user", "names-tablet"), at.Add(2*time.Minute)),
		w.visits("names-6", named("nora@home-of-nora.example", "names-user", ""), at.Add(2*time.Minute)),
	} {
		g.Go(func() error { return w.deliver(w.t.Context(), h) })
	}
	w.must(g.Wait())
	w.idle()
	l := w.stored("nora@names.example")
	if other := w.stored("nora@home-of-nora.example"); other.Key != l.Key || l.Facts.Signals != 6 || len(l.Members) != 5 {
		w.t.Errorf("%s and %s; %d signals under %d more names, want 6 under 5", l.Key, other.Key, l.Facts.Signals, len(l.Members))
	}
	if merged := w.told(stack.Lead{Key: string(l.Key)}, "lead.merged"); len(merged) == 0 {
		w.t.Error("nothing is told of the visitor who became a person")
	}
	w.send(w.visits("names-7", named("otto@names.example", "", "names-browser"), at.Add(3*time.Minute)))
	w.send(w.visits("names-8", named("", "", "names-browser"), at.Add(4*time.Minute)))
	w.idle()
	nora, otto := w.stored("nora@names.example"), w.stored("otto@names.example")
	if otto.Key == nora.Key || otto.Facts.Signals != 1 || nora.Facts.Signals != 7 {
		w.t.Errorf("a shared browser: %s has %d signals, %s has %d; want 7 and 1", nora.Key, nora.Facts.Signals, otto.Key, otto.Facts.Signals)
	}
	w.send(w.visits("names-9", named("paula@names.example", "", "names-browser"), at.Add(-time.Minute))) // was there before, and is heard of late
	w.idle()
	nora, paula := w.stored("nora@names.example"), w.stored("paula@names.example")
	if paula.Facts.Signals != 4 || nora.Facts.Signals != 4 {
		w.t.Errorf("the browser is the first one's: Paula has %d signals, Nora %d; want 4 and 4", paula.Facts.Signals, nora.Facts.Signals)
	}
	w.saysTheyAreOne(nora, otto)
}

// saysTheyAreOne merges two people by a person's word, and takes that back.
func (w world) saysTheyAreOne(nora, otto *lead.Lead) {
	w.post("/api/duplicates/"+string(otto.Key)+"/"+string(nora.Key), "application/json", `{"say":"merge","reason":"said so on the phone"}`)
	w.idle()
	one := w.stored("otto@names.example")
	if one.Key != w.stored("nora@names.example").Key || one.Facts.Signals != 6 { // the order is one of them
		w.t.Fatalf("%s has %d signals, want 6", one.Key, one.Facts.Signals)
	}
	from := one.Merges[len(one.Merges)-1].From
	for _, k := range []signal.LeadKey{one.Key, from} {
		if merged := w.told(stack.Lead{Key: string(k)}, "lead.merged"); len(merged) == 0 {
			w.t.Errorf("nothing is told of the merge of %s", k)
		}
	}
	now, err := w.Now(w.t.Context())
	w.must(err)
	order, err := decision.OrderFor(one, decision.Order{Type: signal.OrderSplit, With: from, Reason: "two people after all", By: "Morgan Hale"}, now)
	w.must(err)
	_, err = w.table().PutSignalFor(w.t.Context(), one.Key, order)
	w.must(err)
	w.idle()
	again, other := w.stored("nora@names.example"), w.stored("otto@names.example")
	if again.Key == other.Key || again.Facts.Signals+other.Facts.Signals != 7 { // and so is this
		w.t.Errorf("%s has %d signals, %s has %d; want 7 in all", again.Key, again.Facts.Signals, other.Key, other.Facts.Signals)
	}
	for _, k := range []signal.LeadKey{one.Key, from} {
		if split := w.told(stack.Lead{Key: string(k)}, "lead.split"); len(split) == 0 {
			w.t.Errorf("nothing is told of the split of %s", k)
		}
	}
}
