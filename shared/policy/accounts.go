package policy

// Accounts says which leads count to which company, beside what their domains
// and names say by themselves, and how a company's interest is summed up.
type Accounts struct {
	ActiveDays int                `yaml:"active_days" json:"active_days,omitempty"` // a person who did something that counts in so many days is active; 0 is the default's
	Engagement *AccountEngagement `yaml:"engagement" json:"engagement,omitempty"`   // nil is the default's
	Groups     []AccountGroup     `yaml:"groups" json:"groups,omitempty"`
}

// AccountEngagement sums up the engagement of a company's people: all of the
// best one's, a share of the others', and no more than a limit.
type AccountEngagement struct {
	Others int `yaml:"others" json:"others"` // percent of each other person's score
	Most   int `yaml:"most" json:"most"`     // the most that it can be
}

// AccountGroup is a company that goes by several domains or names. Its leads
// count to one account.
type AccountGroup struct {
	Name    string   `yaml:"name" json:"name"`
	Domains []string `yaml:"domains" json:"domains,omitempty"` // registrable ones; the first is the account's
	Names   []string `yaml:"names" json:"names,omitempty"`     // how else it is called, for leads without a domain of their own
	Parent  string   `yaml:"parent" json:"parent,omitempty"`   // the name of another group; each stays an account of its own
}

// The defaults of Accounts.
const (
	defaultActiveDays = 30
	defaultOthers     = 25
	defaultMost       = 100
)

// Days returns in how many days a person was active who is active.
func (a Accounts) Days() int {
	if a.ActiveDays < 1 {
		return defaultActiveDays
	}
	return a.ActiveDays
}

// Sum returns how engagement is summed up.
func (a Accounts) Sum() AccountEngagement {
	if a.Engagement == nil {
		return AccountEngagement{Others: defaultOthers, Most: defaultMost}
	}
	return *a.Engagement
}
