package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/infra/stack"
)

// stages returns the stages that a lead was told to have come to.
func (w world) stages(l stack.Lead) []string {
	w.t.Helper()
	var out []string
	for _, e := range w.told(l, "lead.stage_changed") {
		out = append(out, e.Detail.Stage)
	}
	return out
}

// Calendars and CRMs move the lead, whoever sends it and in whatever order,
// through the real binaries.
func TestMeetingsAndDealsMoveTheLead(t *testing.T) {
	w := start(t)
	monday := w.moveToMondayMorning()
	minute := func(n int) time.Time { return monday.Add(time.Duration(n-60) * time.Minute) }
	calendly, calcom, salesforce, pipedrive, standard := person(201, "calendly"), person(202, "calcom"), person(203, "salesforce"), person(204, "pipedrive"), person(205, "standard")
	won := stack.Opportunity{ID: "0065e00000AaAaAAAV", Stage: "Closed Won", Amount: "1.2E+4", Notification: "04l2", At: minute(20)}
	opened := stack.Opportunity{ID: "0065e00000AaAaAAAV", Stage: "Prospecting", Amount: "100.0", Notification: "04l1", At: minute(10)}
	hooks := []stack.Webhook{
		stack.Typeform(calendly, "Request a demo", "e2e-crm-1", minute(1)),
		stack.Calendly(calendly, "invitee.created", "i1", minute(2)),
		stack.Calcom(calcom, "BOOKING_CREATED", "u1", minute(3)),
		stack.Calcom(calcom, "BOOKING_CANCELLED", "u1", minute(4)),
		stack.Salesforce(salesforce, won),
		stack.Salesforce(salesforce, opened), // the older news comes later
		stack.PipedrivePerson(pipedrive, 77, 31, minute(5)),
		stack.HubSpotDeal(9001, 9100, minute(6)),
		stack.StandardSignal(standard, "meeting.booked", "msg_crm_1", map[string]string{"meeting": "m"}, minute(7)),
		stack.StandardSignal(standard, "deal.lost", "msg_crm_2", map[string]string{"deal": "d", "reason": "The price"}, minute(8)),
	}
	for _, h := range hooks {
		w.send(h)
		w.idle()
	}
	want := map[string]string{calendly.Email: "meeting", calcom.Email: "known", salesforce.Email: "won", pipedrive.Email: "known", standard.Email: "lost"}
	check := func(what string) {
		t.Helper()
		for email, stage := range want {
			if l := w.find(email); l.Stage != stage {
				t.Errorf("%s: %s is in stage %s, want %s", what, email, l.Stage, stage)
			}
		}
	}
	check("once")
	if got := w.stages(w.find(salesforce.Email)); !slices.Equal(got, []string{"won"}) {
		t.Errorf("a deal that was won is told of as %v", got)
	}
	if m := w.messages(w.find(salesforce.Email), "lead.stage_changed"); len(m) != 1 || m[0].Channel != "webhook" {
		t.Errorf("the system was told %d times: %+v", len(m), m)
	}
	if l := w.find(calendly.Email); l.Handoff == nil || len(w.messages(l, "lead.handed_off")) == 0 {
		t.Error("the handoff got lost behind the meeting")
	}
	told := w.stages(w.find(calcom.Email))
	slices.Reverse(hooks)
	w.send(append(hooks, hooks...)...)
	w.idle()
	check("the same twice more, backward")
	if got := w.stages(w.find(calcom.Email)); !slices.Equal(got, told) {
		t.Errorf("told %v, and after redeliveries %v", told, got)
	}
}
