package rules

import (
	"maps"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"github.com/handoff-oss/handoff/shared/policy"
	"github.com/handoff-oss/handoff/shared/signal"
)

// Inspection is what can be said about an expression without any data.
type Inspection struct {
	Path      string // of the expression in the policy
	Canonical string // the same for expressions that differ in spaces and quotes alone
	Always    bool   // true whatever the data
	Never     bool   // false whatever the data
	Compared  []Comparison
}

// Comparison is a text that an expression compares a field with.
type Comparison struct {
	Field string // one of the constants below
	Value string
}

// The fields of which it is known what they can be.
const (
	FieldSignalType   = "signal.type"
	FieldSignalSource = "signal.source"
	FieldSource       = "source"
	FieldRequest      = "request"
	FieldGrade        = "fit.grade"
	FieldOwner        = "account.owner"
	FieldChannel      = "origin.channel"
	FieldCountry      = "standard.country"
	FieldSeniority    = "standard.seniority"
	FieldDepartment   = "standard.department"
	FieldIndustry     = "standard.industry"
	FieldSize         = "standard.size"
	FieldConsentEmail = "consent.email"
	FieldConsent      = "consent.marketing"
	FieldTier         = "tier"
	FieldTeam         = "team"
)

// Inspect returns an inspection of every expression that compiles, and what is
// wrong with the others.
func Inspect(p *policy.Policy) ([]Inspection, []*ExpressionError) {
	c, errs := compile(p, "")
	var all []Inspection
	inspect := func(code string, prog program) {
		tree, err := parser.Parse(code)
		if prog.code == nil || err != nil {
			return
		}
		i := Inspection{Path: prog.path, Canonical: tree.Node.String()}
		if constant, ok := prog.code.Node().(*ast.BoolNode); ok {
			i.Always, i.Never = constant.Value, !constant.Value
		}
		ast.Walk(&tree.Node, comparisons{&i.Compared})
		all = append(all, i)
	}
	for i, r := range p.Fit.Rules {
		inspect(r.When, c.fit[i])
	}
	for i, r := range p.Engagement.Rules {
		inspect(r.When, c.engagement[i].when)
		inspect(r.OncePer, c.engagement[i].oncePer)
	}
	for i, x := range p.Qualification.Exclude {
		inspect(x.When, c.exclude[i])
	}
	for i, r := range p.Qualification.Requests {
		inspect(r.When, c.requests[i])
	}
	for i, r := range p.Routing.Rules {
		inspect(r.When, c.route.rules[i])
	}
	for i, t := range p.SLA.Tiers {
		inspect(t.When, c.route.tiers[i])
	}
	eachSegment(p, func(i, j int, s policy.Segment) { inspect(s.When, c.route.segments[i][j]) })
	for _, name := range slices.Sorted(maps.Keys(p.Routing.Tags)) {
		inspect(p.Routing.Tags[name], c.route.tags[name])
	}
	for _, text := range slices.Sorted(maps.Keys(c.route.caps)) {
		inspect(text, c.route.caps[text])
	}
	return all, errs
}

// eachSegment calls use for every segment of the rollout, with the index of its
// phase and its own.
func eachSegment(p *policy.Policy, use func(phase, index int, s policy.Segment)) {
	for i, phase := range p.Rollout.Phases {
		for j, s := range phase.Segments {
			use(i, j, s)
		}
	}
}

// SignalTypes returns what signal.type can be.
func SignalTypes() []string {
	types := []signal.Type{
		signal.FormSubmitted, signal.PageViewed, signal.EventTracked, signal.LeadIdentified, signal.EmailDelivered, signal.EmailOpened,
		signal.EmailClicked, signal.EmailBounced, signal.EmailUnsubscribed, signal.EmailComplained, signal.ConsentGiven,
		signal.ConsentWithdrawn, signal.ContactCreated,
		signal.ContactChanged, signal.ContactDeleted, signal.MeetingBooked, signal.MeetingCanceled, signal.MeetingNoShow,
		signal.MeetingHeld, signal.DealOpened, signal.DealChanged, signal.DealWon, signal.DealLost, signal.DealDeleted,
		signal.OwnerChanged, signal.RepAccepted, signal.RepRejected, signal.RepContacted, signal.ActivityLogged,
		signal.RepSnoozed, signal.RepCommented, signal.RepFeedback, signal.OrderReassign,
		signal.OrderTakeBack, signal.OrderHold, signal.OrderRecycle, signal.OrderDisqualify, signal.OrderHandoff, signal.OrderRemind,
		signal.OrderConfirm, signal.OrderDecline, signal.OrderMerge, signal.OrderSplit, signal.OrderErase,
		signal.Other,
	}
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	return names
}

// comparisons collects the texts that fields with a known set of values are
// compared with by ==, != and in.
type comparisons struct{ found *[]Comparison }

// Visit is called for every node.
func (c comparisons) Visit(node *ast.Node) {
	b, ok := (*node).(*ast.BinaryNode)
	if !ok || (b.Operator != "==" && b.Operator != "!=" && b.Operator != "in") {
		return
	}
	field := b.Left.String()
	other := b.Right
	if b.Operator != "in" && isKnownField(other.String()) {
		field, other = other.String(), b.Left
	}
	if !isKnownField(field) {
		return
	}
	values := []ast.Node{other}
	if array, ok := other.(*ast.ArrayNode); ok {
		values = array.Nodes
	}
	for _, v := range values {
		if text, ok := v.(*ast.StringNode); ok {
			*c.found = append(*c.found, Comparison{Field: field, Value: text.Value})
		}
	}
}

// isKnownField tells whether what the field can be stands in the policy or in
// the code.
func isKnownField(name string) bool {
	switch name {
	case FieldSignalType, FieldSignalSource, FieldSource, FieldRequest, FieldGrade, FieldOwner, FieldChannel, FieldCountry, FieldSeniority,
		FieldDepartment, FieldIndustry, FieldSize, FieldConsentEmail, FieldConsent, FieldTier, FieldTeam:
		return true
	}
	return false
}
