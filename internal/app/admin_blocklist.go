package app

import (
	"context"
	"slices"

	"earshot/internal/desk"
)

// blocksAtOnce is how many blocks of a list are made in one transaction.
const blocksAtOnce = 500

// AddBlocks blocks the accounts and servers of a list, and returns how many
// were not blocked before; earlier blocks stay as they are. A list with a
// mistake changes nothing. Each block is in the audit log. A list that was
// interrupted can be given again.
func (a *App) AddBlocks(ctx context.Context, by By, list []desk.Block) (added int, err error) {
	checked := make([]desk.Block, len(list))
	for n, b := range list {
		if checked[n], err = a.checkBlock(b.Target, b.Reason); err != nil {
			return 0, err
		}
	}
	for portion := range slices.Chunk(checked, blocksAtOnce) {
		var n int
		err := a.Update(ctx, func(tx *Tx) (err error) {
			n, err = tx.addBlocks(by, portion)
			return err
		})
		if err != nil {
			return added, err
		}
		added += n
	}
	return added, nil
}

func (t *Tx) addBlocks(by By, list []desk.Block) (added int, err error) {
	for _, b := range list {
		if _, there, err := t.Blocks().Get(b.Target); err != nil {
			return added, err
		} else if there {
			continue
		}
		b.Since, b.Agent = t.Now, by.Agent
		if err := t.Blocks().Put(b); err != nil {
			return added, err
		}
		if err := t.forgetFeltOf(b); err != nil {
			return added, err
		}
		if err := t.Audit(by, blockAdded, "blocks/"+b.Target, b.Reason); err != nil {
			return added, err
		}
		added++
	}
	if added == 0 {
		return 0, nil
	}
	return added, t.eraseBlockedFlags()
}
