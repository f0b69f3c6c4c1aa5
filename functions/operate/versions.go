package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/policy"
)

// versions is what the stack runs.
type versions struct {
	Code   codeVersion   `json:"code"` // of this function: all are deployed together
	Policy policyVersion `json:"policy"`
	Roster rosterVersion `json:"roster"`
}

// codeVersion is the commit that a function was built from.
type codeVersion struct {
	Revision string     `json:"revision"` // "unknown" when the build had no repository at hand
	At       *time.Time `json:"committed_at"`
	Modified bool       `json:"modified"` // there were changes that were not committed
}

// policyVersion is the policy in force.
type policyVersion struct {
	Version string     `json:"version"`
	Name    string     `json:"name"`
	Since   *time.Time `json:"since"`   // null of the default, which nobody applied
	Default bool       `json:"default"` // none was ever applied: the one that comes with the code serves
}

type rosterVersion struct {
	Version int64 `json:"version"` // 0 before anything was said about a rep
}

// codeOf reads what the build kept of its repository.
func codeOf(build *debug.BuildInfo) codeVersion {
	v := codeVersion{Revision: "unknown"}
	if build == nil {
		return v
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			if at, err := time.Parse(time.RFC3339, s.Value); err == nil {
				at = at.UTC()
				v.At = &at
			}
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// Short is the revision as people write it.
func (v codeVersion) Short() string { return v.Revision[:min(len(v.Revision), 12)] }

// versions reads what the stack runs.
func (h *handler) versions(ctx context.Context) (versions, error) {
	v := versions{Code: h.code}
	applied, err := h.table.Applied(ctx)
	switch {
	case err == nil:
		v.Policy = policyVersion{Version: string(applied.Version), Name: nameOf(applied.Text), Since: &applied.At}
	case fault.KindOf(err) == fault.NotFound:
		text := policy.Default()
		v.Policy = policyVersion{Version: string(policy.VersionOf(text)), Name: nameOf(text), Default: true}
	default:
		return v, err
	}
	roster, err := h.table.Roster(ctx)
	v.Roster.Version = roster.Version
	return v, err
}

// nameOf is what a policy calls itself. One that cannot be read has no name,
// which is for others to complain about.
func nameOf(text []byte) string {
	p, err := policy.Decode(text)
	if err != nil {
		return ""
	}
	return p.Name
}
