package lead

import (
	"cmp"
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
)

// Who names the person in a line as well as they are known: by name or address,
// and company.
func (l *Lead) Who() string {
	p := l.Facts.Values()
	name := strings.TrimSpace(p[signal.FieldFirstName] + " " + p[signal.FieldLastName])
	name = cmp.Or(name, p[signal.FieldEmail], "somebody without a name")
	if company := p[signal.FieldCompany]; company != "" {
		name += ", " + company
	}
	return name
}
