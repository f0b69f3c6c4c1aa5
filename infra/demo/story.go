package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// story plays and tells.
type story struct {
	*stack.Stack
	keys map[string]string // the sources' secrets
	out  io.Writer
	now  time.Time
}

func (s *story) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format+"\n", args...) // a closed terminal ends the demo soon enough
}

// tell plays the whole story.
func (s *story) tell(ctx context.Context) error {
	for _, chapter := range []func(context.Context) error{s.begin, s.interest, s.request, s.accepted, s.silence, s.forgery} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func ada() stack.Person {
	return stack.Person{Email: "ada@analytical-engines.example", FirstName: "Ada", LastName: "Byron", Company: "Analytical Engines", Title: "VP Engineering", Phone: "+44 20 7946 0018"}
}

func grace() stack.Person {
	return stack.Person{Email: "grace@flow-matic.example", FirstName: "Grace", LastName: "Hopper", Company: "Flow-Matic", Title: "Director of Data", Phone: "+1 212 555 0147"}
}

// begin moves to the next Monday morning in the office of the default policy.
func (s *story) begin(ctx context.Context) error {
	now, err := s.Now(ctx)
	if err != nil {
		return err
	}
	day := now.AddDate(0, 0, 1)
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	s.now = time.Date(day.Year(), day.Month(), day.Day(), 14, 40, 0, 0, time.UTC)
	s.say("\n1. A Monday morning. It is %s for the stack: its time is virtual.", s.now.Format("2 January 2006, 15:04 MST"))
	return s.MoveTo(ctx, s.now)
}

// deliver signs and sends webhooks and waits until they are worked off.
func (s *story) deliver(ctx context.Context, hooks ...stack.Webhook) error {
	for _, w := range hooks {
		r, err := s.Send(ctx, w, s.keys[w.Source])
		if err != nil {
			return err
		}
		if !r.OK() {
			return fmt.Errorf("%s was answered %d: %s", w.Source, r.Status, r.Body)
		}
		s.say("   → POST /webhooks/%s/%s, signed as %s signs: answered %d", w.Kind, w.Source, w.Source, r.Status)
	}
	return s.Idle(ctx)
}

func (s *story) lead(ctx context.Context, p stack.Person) (stack.Lead, error) {
	l, ok, err := s.Find(ctx, p.Email)
	if err == nil && !ok {
		err = fmt.Errorf("there is no lead %s", p.Email)
	}
	return l, err
}

func (s *story) interest(ctx context.Context) error {
	s.say("\n2. Ada clicks in a newsletter and looks at the prices.")
	if err := s.deliver(ctx, stack.SendGrid(ada(), "demo-mail", s.now), stack.Segment(ada(), "Pricing Page Viewed", "demo-visit", s.now)); err != nil {
		return err
	}
	l, err := s.lead(ctx, ada())
	if err != nil {
		return err
	}
	s.say("   Her engagement is %v of 100, and it adds up:", l.Engagement.Score)
	for _, p := range l.Engagement.Parts {
		s.say("     %+4v  %s", p.Points, p.Reason)
	}
	s.say("   Stage: %s. %s.", l.Stage, l.Qualification.Reason)
	return nil
}

func (s *story) request(ctx context.Context) error {
	s.say("\n3. She asks for a demo. Typeform sends the form twice, as senders do; it counts once.")
	w := stack.Typeform(ada(), "Request a demo", "demo-form", s.now)
	if err := s.deliver(ctx, w, w); err != nil {
		return err
	}
	l, err := s.lead(ctx, ada())
	if err != nil {
		return err
	}
	if l.Handoff == nil {
		return fmt.Errorf("the lead was not handed off: %s", l.Qualification.Reason)
	}
	s.say("   Stage: %s, to %s. Why: %s. Fit %s (%v points).", l.Stage, l.Handoff.Holder.Name, l.Handoff.Reason, l.Fit.Grade, l.Fit.Score)
	for _, c := range l.Clocks {
		s.say("   Promised: %s by %s (%s)", strings.ReplaceAll(c.Kind, "_", " "), c.DueAt.Format("15:04 MST"), c.State)
	}
	messages, err := s.Outbox(ctx, l.Key)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Event.Type != "lead.handed_off" {
			continue
		}
		s.say("   Told on %s: %s", m.Channel, m.To)
		if m.Channel == "email" {
			s.say("%s", indent(m.Text))
		}
	}
	return nil
}

func (s *story) accepted(ctx context.Context) error {
	s.say("\n4. The first ending. A mail scanner opens the link in the message: nothing changes. Then the rep clicks and confirms.")
	l, err := s.lead(ctx, ada())
	if err != nil {
		return err
	}
	link, err := s.link(ctx, l, "Accept")
	if err != nil {
		return err
	}
	if err := s.press(ctx, http.MethodGet, link); err != nil {
		return err
	}
	if l, err = s.lead(ctx, ada()); err != nil {
		return err
	}
	s.say("   After GET:  stage %s", l.Stage)
	if err := s.press(ctx, http.MethodPost, link); err != nil {
		return err
	}
	if l, err = s.lead(ctx, ada()); err != nil {
		return err
	}
	s.say("   After POST: stage %s", l.Stage)
	if err := s.list(ctx, l, "lead.accepted", "clock.met"); err != nil {
		return err
	}
	return s.contacted(ctx, link)
}

// contacted goes on from the page of an answer: the rep has called.
func (s *story) contacted(ctx context.Context, accept string) error {
	page, err := s.Press(ctx, http.MethodGet, accept, nil)
	if err != nil {
		return err
	}
	if page, err = s.Press(ctx, http.MethodPost, page.Step("contacted"), url.Values{"how": {"call"}}); err != nil {
		return err
	}
	if page.State != "recorded" {
		return fmt.Errorf("the first contact was answered %d: %s", page.Status, page.Title)
	}
	if err := s.Idle(ctx); err != nil {
		return err
	}
	l, err := s.lead(ctx, ada())
	if err != nil {
		return err
	}
	s.say("   The rep calls her, and the page says: %s. Stage: %s, on whose word: %s.", page.Title, l.Stage, l.Contact.Label)
	for _, c := range l.Clocks {
		if c.State == "running" {
			s.say("   Promised: %s by %s", strings.ReplaceAll(c.Kind, "_", " "), c.DueAt.Format("Mon 2 Jan, 15:04 MST"))
		}
	}
	return nil
}

func (s *story) press(ctx context.Context, method, link string) error {
	r, err := s.Do(ctx, method, link, map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}, nil)
	if err != nil {
		return err
	}
	if !r.OK() {
		return fmt.Errorf("%s on the link was answered %d", method, r.Status)
	}
	return s.Idle(ctx)
}

func (s *story) link(ctx context.Context, l stack.Lead, label string) (string, error) {
	messages, err := s.Outbox(ctx, l.Key)
	if err != nil {
		return "", err
	}
	for _, m := range messages {
		for _, k := range m.Links {
			if k.Label == label {
				return k.URL, nil
			}
		}
	}
	return "", fmt.Errorf("no message about %s has a link %s", l.Key, label)
}

func (s *story) silence(ctx context.Context) error {
	s.say("\n5. The other ending. Grace asks for a demo, and nobody answers.")
	if err := s.deliver(ctx, stack.Typeform(grace(), "Request a demo", "demo-silence", s.now)); err != nil {
		return err
	}
	l, err := s.lead(ctx, grace())
	if err != nil {
		return err
	}
	accept, ok := l.Running("accept")
	if !ok {
		return fmt.Errorf("no accept clock runs for %s", l.Key)
	}
	s.say("   To be accepted by %s. Time moves on …", accept.DueAt.Format("15:04 MST"))
	if err := s.MoveTo(ctx, accept.DueAt.Add(2*time.Minute)); err != nil {
		return err
	}
	if err := s.list(ctx, l, "clock.warned", "clock.breached", "lead.escalated"); err != nil {
		return err
	}
	messages, err := s.Outbox(ctx, l.Key)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Event.Type == "lead.escalated" && m.Channel == "email" {
			s.say("   The manager reads:\n%s", indent(m.Text))
		}
	}
	return s.passedOn(ctx, l, accept)
}

// passedOn lets as much time pass again: the lead goes to the next rep.
func (s *story) passedOn(ctx context.Context, l stack.Lead, accept stack.Clock) error {
	before := l.Handoff.Holder.Name
	if err := s.MoveTo(ctx, accept.DueAt.Add(accept.DueAt.Sub(accept.StartedAt)+2*time.Minute)); err != nil {
		return err
	}
	l, err := s.lead(ctx, grace())
	if err != nil {
		return err
	}
	s.say("   And still nobody. The lead goes from %s to %s, who has time of their own:", before, l.Handoff.Holder.Name)
	if err := s.list(ctx, l, "lead.reassigned"); err != nil {
		return err
	}
	for _, step := range l.Handoff.Route {
		for _, c := range step.Considered {
			s.say("     %-6s %s", c.Rep, c.Why)
		}
	}
	for _, c := range l.Clocks {
		if c.State == "running" {
			s.say("   Promised (for the %s): %s by %s", c.Scope, strings.ReplaceAll(c.Kind, "_", " "), c.DueAt.Format("15:04 MST"))
		}
	}
	return nil
}

// list tells which events of these types the lead has had.
func (s *story) list(ctx context.Context, l stack.Lead, types ...string) error {
	events, err := s.Events(ctx, l.Key)
	if err != nil {
		return err
	}
	for _, e := range events {
		for _, t := range types {
			if e.Type != t {
				continue
			}
			what := e.Type
			if e.Detail.Clock != nil {
				what += " (" + strings.ReplaceAll(e.Detail.Clock.Kind, "_", " ") + ")"
			}
			s.say("   %s  %s", e.Time.Format("15:04:05"), what)
		}
	}
	return nil
}

func (s *story) forgery(ctx context.Context) error {
	s.say("\n6. Somebody forges a form.")
	r, err := s.Send(ctx, stack.Typeform(stack.Person{Email: "mallory@evil.example"}, "Request a demo", "demo-forged", s.now), "a guessed secret")
	if err != nil {
		return err
	}
	if err := s.Idle(ctx); err != nil {
		return err
	}
	_, found, err := s.Find(ctx, "mallory@evil.example")
	if err != nil {
		return err
	}
	if r.OK() || found {
		return fmt.Errorf("the forged form was answered %d", r.Status)
	}
	s.say("   Answered %d; there is no lead.", r.Status)
	return nil
}
