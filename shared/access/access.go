// Package access says who a person is to Handoff and which routes are open to
// them: the four roles, how the policy gives them, and the one table of
// routes. It knows neither cookies nor tokens, which name the person, nor
// HTTP, which asks.
package access

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Role is what somebody may do. A person may have several.
type Role string

// The roles.
const (
	Operator Role = "operator" // looks after the stack: may do everything
	Manager  Role = "manager"  // leads pools: sees and moves their leads, keeps their people
	Marketer Role = "marketer" // sees all leads and what became of them, and no people's settings
	Rep      Role = "rep"      // sees and answers their own leads, and enters their own leave
)

// Roles returns all of them, the most powerful first.
func Roles() []Role { return []Role{Operator, Manager, Marketer, Rep} }

// Person is somebody who has signed in, or a program with a token of theirs.
// The zero Person is nobody.
type Person struct {
	Subject string   `json:"subject"` // the identity provider's id
	Email   string   `json:"email,omitempty"`
	Name    string   `json:"name,omitempty"`
	Roles   []Role   `json:"roles,omitempty"`
	Rep     string   `json:"rep,omitempty"`   // their id as a rep
	Pools   []string `json:"pools,omitempty"` // that they manage
	// Token proves that a form was made for this person's session. It is empty
	// for whoever comes with a token of their own, which no other site can send.
	Token string `json:"token,omitempty"`
	// Session names the person's session, and opens nothing; empty with a token.
	Session string `json:"session,omitempty"`
	// Ask says whom somebody without any role asks for one.
	Ask string `json:"ask,omitempty"`
}

// Known tells whether this is somebody.
func (p Person) Known() bool { return p.Subject != "" }

// Is tells whether the person has one of the roles.
func (p Person) Is(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(p.Roles, r) })
}

// Manages tells whether the person may move the leads of a pool and keep its
// people.
func (p Person) Manages(pool string) bool {
	return p.Is(Operator) || p.Is(Manager) && slices.Contains(p.Pools, pool)
}

// Sees tells whether a lead with that holder, "" for none, in that pool, ""
// for none yet, is the person's to see.
func (p Person) Sees(rep, pool string) bool {
	switch {
	case p.Is(Operator, Marketer):
		return true
	case p.Is(Manager) && (pool == "" || slices.Contains(p.Pools, pool)):
		return true
	}
	return p.Is(Rep) && rep != "" && rep == p.Rep
}

// Called is how the person is named in the log of a lead.
func (p Person) Called() string { return cmp.Or(p.Name, p.Email, p.Subject) }

// contextKey is where the authorizer of the API puts the person, in the
// context that it hands on.
const contextKey = "person"

// Context is what an authorizer hands on about a person.
func (p Person) Context() (map[string]any, error) {
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "encode the person", err)
	}
	return map[string]any{contextKey: string(b)}, nil
}

// FromContext reads whom the authorizer has recognized: nobody when it is not
// there or not readable.
func FromContext(values map[string]any) Person {
	text, ok := values[contextKey].(string)
	if !ok {
		return Person{}
	}
	var p Person
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return Person{}
	}
	return p
}
