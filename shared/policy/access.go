package policy

import (
	"github.com/goccy/go-yaml"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Access says who may do what, and for how long a person stays signed in.
// Besides, whoever is the manager of a pool, a rep or the operator by their
// e-mail is so here too; package access puts it together.
type Access struct {
	Session     Session `yaml:"session" json:"session,omitzero"`
	GroupsClaim string  `yaml:"groups_claim" json:"groups_claim,omitempty"` // of the identity provider's tokens: what names a person's groups; "" is groups
	Roles       Roles   `yaml:"roles" json:"roles,omitzero"`
}

// Session is how long a person stays signed in.
type Session struct {
	Idle    Duration `yaml:"idle" json:"idle,omitempty"`       // without use; 0 is the default's
	Longest Duration `yaml:"longest" json:"longest,omitempty"` // in any case; 0 is the default's
}

// Roles says who has which role.
type Roles struct {
	Operator Members  `yaml:"operator" json:"operator,omitzero"`
	Marketer Members  `yaml:"marketer" json:"marketer,omitzero"`
	Manager  Managers `yaml:"manager" json:"manager,omitzero"`
	Rep      Members  `yaml:"rep" json:"rep,omitzero"`
}

// Members are people by e-mail, in any case of letters, or by a group of the
// identity provider, as it is written there.
type Members struct {
	Emails []string `yaml:"emails" json:"emails,omitempty"`
	Groups []string `yaml:"groups" json:"groups,omitempty"`
}

// Managers are people who manage pools.
type Managers struct {
	Members `yaml:",inline" json:",inline"`
	Pools   Pools `yaml:"pools" json:"pools,omitempty"`
}

// AllPools stands in place of a list of pools for each that there is.
const AllPools = "all"

// Pools are names of pools. In YAML they are a list, or the word all, which is
// Pools{AllPools}.
type Pools []string

// UnmarshalYAML reads both forms. Kind: Invalid.
func (p *Pools) UnmarshalYAML(text []byte) error {
	var list []string
	if yaml.Unmarshal(text, &list) == nil {
		*p = list
		return nil
	}
	var word string
	if err := yaml.Unmarshal(text, &word); err != nil || word != AllPools {
		return fault.New(fault.Invalid, "pools are a list of names, or the word all")
	}
	*p = Pools{AllPools}
	return nil
}
