package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/find"
	"github.com/handoff-oss/handoff/shared/page"
	"github.com/handoff-oss/handoff/shared/table"
	"github.com/handoff-oss/handoff/shared/tabular"
	"github.com/handoff-oss/handoff/shared/web"
)

// What one file has at most, and for how long it is looked for. API Gateway
// takes 6 MB and the function 10 seconds; 2,000 leads are about 0.6 MB.
const (
	fileRows = 2_000
	fileTime = 6 * time.Second
)

// export answers GET /leads.csv: the leads that a list has, in its order, as
// RFC 4180 has it. A file that is not the whole list says so in its last line
// and leads on by the header Link. With bom=1 it begins with a byte order mark.
func (h *handler) export(ctx context.Context, r *web.Request) (web.Response, error) {
	f, err := filterOf(r)
	if err != nil {
		return web.Response{}, err
	}
	rows, next, err := h.rowsFor(ctx, r)
	if err != nil {
		return web.Response{}, err
	}
	records := [][]string{find.Columns()}
	for _, row := range rows {
		records = append(records, row.Record())
	}
	headers := page.Security()
	headers["Content-Type"] = "text/csv; charset=utf-8"
	headers["Content-Disposition"] = `attachment; filename="leads-` + r.Now.UTC().Format("2006-01-02-1504") + `.csv"`
	if next != "" {
		q := f.Query()
		q.Set("cursor", next)
		if r.Query.Get("bom") == "1" {
			q.Set("bom", "1")
		}
		on := address("/leads.csv", q)
		headers["Link"] = "<" + on + `>; rel="next"`
		last := make([]string, len(find.Columns()))
		last[0] = fmt.Sprintf("This file has the first %d. The list goes on at %s", len(rows), on)
		records = append(records, last)
	}
	var body bytes.Buffer
	if r.Query.Get("bom") == "1" {
		body.WriteString(tabular.ByteOrder)
	}
	w := csv.NewWriter(&body)
	w.UseCRLF = true
	if err := w.WriteAll(records); err != nil {
		return web.Response{}, fault.Wrap(fault.Internal, "write CSV", err)
	}
	return web.Response{StatusCode: http.StatusOK, Headers: headers, Body: body.String()}, nil
}

// rowsFor reads page after page of a list, up to what one file has.
func (h *handler) rowsFor(ctx context.Context, r *web.Request) (rows []find.Row, next string, err error) {
	next = r.Query.Get("cursor")
	for {
		r.Query.Set("cursor", next)
		found, err := h.search(ctx, r, min(table.MostLeads, fileRows-len(rows)))
		if err != nil {
			return nil, "", err
		}
		rows, next = append(rows, found.rows...), found.Next
		if next == "" || len(rows) == fileRows || h.site.Clock(ctx).Sub(r.Now) > fileTime {
			return rows, next, nil
		}
	}
}
