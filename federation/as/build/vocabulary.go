package build

import (
	propertyactor "github.com/go-fed/activity/streams/impl/activitystreams/property_actor"
	propertyattributedto "github.com/go-fed/activity/streams/impl/activitystreams/property_attributedto"
	propertycc "github.com/go-fed/activity/streams/impl/activitystreams/property_cc"
	propertycontent "github.com/go-fed/activity/streams/impl/activitystreams/property_content"
	propertydeleted "github.com/go-fed/activity/streams/impl/activitystreams/property_deleted"
	propertyfirst "github.com/go-fed/activity/streams/impl/activitystreams/property_first"
	propertyfollowers "github.com/go-fed/activity/streams/impl/activitystreams/property_followers"
	propertyfollowing "github.com/go-fed/activity/streams/impl/activitystreams/property_following"
	propertyformertype "github.com/go-fed/activity/streams/impl/activitystreams/property_formertype"
	propertyhref "github.com/go-fed/activity/streams/impl/activitystreams/property_href"
	propertyinbox "github.com/go-fed/activity/streams/impl/activitystreams/property_inbox"
	propertyinreplyto "github.com/go-fed/activity/streams/impl/activitystreams/property_inreplyto"
	propertyname "github.com/go-fed/activity/streams/impl/activitystreams/property_name"
	propertyoutbox "github.com/go-fed/activity/streams/impl/activitystreams/property_outbox"
	propertypartof "github.com/go-fed/activity/streams/impl/activitystreams/property_partof"
	propertypreferredusername "github.com/go-fed/activity/streams/impl/activitystreams/property_preferredusername"
	propertypublished "github.com/go-fed/activity/streams/impl/activitystreams/property_published"
	propertysummary "github.com/go-fed/activity/streams/impl/activitystreams/property_summary"
	propertytag "github.com/go-fed/activity/streams/impl/activitystreams/property_tag"
	propertyto "github.com/go-fed/activity/streams/impl/activitystreams/property_to"
	propertytotalitems "github.com/go-fed/activity/streams/impl/activitystreams/property_totalitems"
	propertyurl "github.com/go-fed/activity/streams/impl/activitystreams/property_url"
	typeaccept "github.com/go-fed/activity/streams/impl/activitystreams/type_accept"
	typeapplication "github.com/go-fed/activity/streams/impl/activitystreams/type_application"
	typecreate "github.com/go-fed/activity/streams/impl/activitystreams/type_create"
	typedelete "github.com/go-fed/activity/streams/impl/activitystreams/type_delete"
	typefollow "github.com/go-fed/activity/streams/impl/activitystreams/type_follow"
	typemention "github.com/go-fed/activity/streams/impl/activitystreams/type_mention"
	typenote "github.com/go-fed/activity/streams/impl/activitystreams/type_note"
	typeorderedcollection "github.com/go-fed/activity/streams/impl/activitystreams/type_orderedcollection"
	typeorderedcollectionpage "github.com/go-fed/activity/streams/impl/activitystreams/type_orderedcollectionpage"
	typeorganization "github.com/go-fed/activity/streams/impl/activitystreams/type_organization"
	typereject "github.com/go-fed/activity/streams/impl/activitystreams/type_reject"
	typetombstone "github.com/go-fed/activity/streams/impl/activitystreams/type_tombstone"
	typeundo "github.com/go-fed/activity/streams/impl/activitystreams/type_undo"
	typeupdate "github.com/go-fed/activity/streams/impl/activitystreams/type_update"
	propertyid "github.com/go-fed/activity/streams/impl/jsonld/property_id"
	propertytype "github.com/go-fed/activity/streams/impl/jsonld/property_type"
	propertydiscoverable "github.com/go-fed/activity/streams/impl/toot/property_discoverable"
	propertyowner "github.com/go-fed/activity/streams/impl/w3idsecurityv1/property_owner"
	propertypublickey "github.com/go-fed/activity/streams/impl/w3idsecurityv1/property_publickey"
	propertypublickeypem "github.com/go-fed/activity/streams/impl/w3idsecurityv1/property_publickeypem"
	typepublickey "github.com/go-fed/activity/streams/impl/w3idsecurityv1/type_publickey"
	"github.com/go-fed/activity/streams/vocab"
)

// newType makes the "type" property, which go-fed's types ask for when they are made.
func newType() vocab.JSONLDTypeProperty { return propertytype.NewJSONLDTypeProperty() }

// kind returns a type's constructor, ready for use: without setType it panics.
func kind[T vocab.Type](setType func(func() vocab.JSONLDTypeProperty), construct func() T) func() T {
	setType(newType)
	return construct
}

// The types and the properties that are made here, and no others: each of these
// packages is linked because it stands here. Importing go-fed's streams instead,
// which has all of these in one place, links all of its 177 packages.
var (
	newAccept                = kind(typeaccept.SetTypePropertyConstructor, typeaccept.NewActivityStreamsAccept)
	newApplication           = kind(typeapplication.SetTypePropertyConstructor, typeapplication.NewActivityStreamsApplication)
	newCreate                = kind(typecreate.SetTypePropertyConstructor, typecreate.NewActivityStreamsCreate)
	newDelete                = kind(typedelete.SetTypePropertyConstructor, typedelete.NewActivityStreamsDelete)
	newFollow                = kind(typefollow.SetTypePropertyConstructor, typefollow.NewActivityStreamsFollow)
	newMention               = kind(typemention.SetTypePropertyConstructor, typemention.NewActivityStreamsMention)
	newNote                  = kind(typenote.SetTypePropertyConstructor, typenote.NewActivityStreamsNote)
	newOrderedCollection     = kind(typeorderedcollection.SetTypePropertyConstructor, typeorderedcollection.NewActivityStreamsOrderedCollection)
	newOrderedCollectionPage = kind(typeorderedcollectionpage.SetTypePropertyConstructor, typeorderedcollectionpage.NewActivityStreamsOrderedCollectionPage)
	newOrganization          = kind(typeorganization.SetTypePropertyConstructor, typeorganization.NewActivityStreamsOrganization)
	newPublicKey             = typepublickey.NewW3IDSecurityV1PublicKey // it has no type: peers expect id, owner and PEM
	newReject                = kind(typereject.SetTypePropertyConstructor, typereject.NewActivityStreamsReject)
	newTombstone             = kind(typetombstone.SetTypePropertyConstructor, typetombstone.NewActivityStreamsTombstone)
	newUndo                  = kind(typeundo.SetTypePropertyConstructor, typeundo.NewActivityStreamsUndo)
	newUpdate                = kind(typeupdate.SetTypePropertyConstructor, typeupdate.NewActivityStreamsUpdate)
)

// TestVocabulary walks both lists.
var (
	newActorProperty             = propertyactor.NewActivityStreamsActorProperty
	newAttributedToProperty      = propertyattributedto.NewActivityStreamsAttributedToProperty
	newCcProperty                = propertycc.NewActivityStreamsCcProperty
	newContentProperty           = propertycontent.NewActivityStreamsContentProperty
	newDeletedProperty           = propertydeleted.NewActivityStreamsDeletedProperty
	newDiscoverableProperty      = propertydiscoverable.NewTootDiscoverableProperty
	newFirstProperty             = propertyfirst.NewActivityStreamsFirstProperty
	newFollowersProperty         = propertyfollowers.NewActivityStreamsFollowersProperty
	newFollowingProperty         = propertyfollowing.NewActivityStreamsFollowingProperty
	newFormerTypeProperty        = propertyformertype.NewActivityStreamsFormerTypeProperty
	newHrefProperty              = propertyhref.NewActivityStreamsHrefProperty
	newIDProperty                = propertyid.NewJSONLDIdProperty
	newInReplyToProperty         = propertyinreplyto.NewActivityStreamsInReplyToProperty
	newInboxProperty             = propertyinbox.NewActivityStreamsInboxProperty
	newNameProperty              = propertyname.NewActivityStreamsNameProperty
	newOutboxProperty            = propertyoutbox.NewActivityStreamsOutboxProperty
	newOwnerProperty             = propertyowner.NewW3IDSecurityV1OwnerProperty
	newPartOfProperty            = propertypartof.NewActivityStreamsPartOfProperty
	newPreferredUsernameProperty = propertypreferredusername.NewActivityStreamsPreferredUsernameProperty
	newPublicKeyPemProperty      = propertypublickeypem.NewW3IDSecurityV1PublicKeyPemProperty
	newPublicKeyProperty         = propertypublickey.NewW3IDSecurityV1PublicKeyProperty
	newPublishedProperty         = propertypublished.NewActivityStreamsPublishedProperty
	newSummaryProperty           = propertysummary.NewActivityStreamsSummaryProperty
	newTagProperty               = propertytag.NewActivityStreamsTagProperty
	newToProperty                = propertyto.NewActivityStreamsToProperty
	newTotalItemsProperty        = propertytotalitems.NewActivityStreamsTotalItemsProperty
	newURLProperty               = propertyurl.NewActivityStreamsUrlProperty
)
