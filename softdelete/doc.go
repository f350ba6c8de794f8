// Package softdelete makes DELETE keep the row.
package softdelete
