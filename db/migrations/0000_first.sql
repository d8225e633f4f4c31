CREATE TABLE "change" (
	"cursor" bigint GENERATED ALWAYS AS IDENTITY (sequence name "change_cursor_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source_id" text NOT NULL,
	"subject" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"cluster_id" uuid,
	"what" text NOT NULL,
	"facts" jsonb NOT NULL,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "change_cursor_source_id_pk" PRIMARY KEY("cursor","source_id")
);
--> statement-breakpoint
CREATE TABLE "condition" (
	"source_id" text NOT NULL,
	"object_id" uuid NOT NULL,
	"type" text NOT NULL,
	"legacy" boolean NOT NULL,
	"status" text NOT NULL,
	"reason" text,
	"message" text,
	"severity" text,
	"observed_generation" bigint,
	"last_transition_at" timestamp (3) with time zone,
	"position" smallint NOT NULL,
	CONSTRAINT "condition_object_id_type_legacy_source_id_pk" PRIMARY KEY("object_id","type","legacy","source_id")
);
--> statement-breakpoint
CREATE TABLE "object" (
	"source_id" text NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"api_version" text NOT NULL,
	"uid" text,
	"generation" bigint,
	"observed_generation" bigint,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"owner_namespace" text,
	"owner_name" text,
	"owner_named" boolean NOT NULL,
	"parent_id" uuid,
	"cluster_id" uuid,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"message" text NOT NULL,
	"since" timestamp (3) with time zone,
	"underlying" text,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"holds_until" timestamp (3) with time zone,
	"state_since" timestamp (3) with time zone NOT NULL,
	"reading" jsonb,
	"generation_seen_at" timestamp (3) with time zone NOT NULL,
	"short_since" timestamp (3) with time zone,
	"version_declared" text,
	"declared_major" integer,
	"declared_minor" integer,
	"declared_patch" integer,
	"version_observed" text,
	"observed_major" integer,
	"observed_minor" integer,
	"observed_patch" integer,
	"replicas_desired" integer,
	"replicas_current" integer,
	"replicas_ready" integer,
	"replicas_available" integer,
	"replicas_up_to_date" integer,
	"revision_desired" text,
	"revision_attempted" text,
	"revision_applied" text,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone,
	"deleting_since" timestamp (3) with time zone,
	"changed_at" timestamp (3) with time zone,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"gone_at" timestamp (3) with time zone,
	"digest" uuid NOT NULL,
	"imprint" uuid,
	CONSTRAINT "object_id_source_id_pk" PRIMARY KEY("id","source_id")
);
--> statement-breakpoint
CREATE TABLE "reading" (
	"source_id" text NOT NULL,
	"kind" text NOT NULL,
	"version" text,
	"other_versions" text[] DEFAULT '{}' NOT NULL,
	"plural" text,
	"namespaced" boolean,
	"cursor" text,
	"caught_up_at" timestamp (3) with time zone,
	"verified_at" timestamp (3) with time zone,
	"last_attempt_at" timestamp (3) with time zone,
	"last_success_at" timestamp (3) with time zone,
	"trouble_code" text,
	"trouble_message" text,
	"trouble_at" timestamp (3) with time zone,
	"rejected" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"rejected_count" integer DEFAULT 0 NOT NULL,
	"run_id" text,
	"run_started_at" timestamp (3) with time zone,
	"run_token" text,
	"run_limit" integer,
	"run_page" integer,
	"run_proves" boolean,
	"stale" boolean DEFAULT false NOT NULL,
	"composed_at" timestamp (3) with time zone,
	CONSTRAINT "reading_source_id_kind_pk" PRIMARY KEY("source_id","kind")
);
--> statement-breakpoint
CREATE TABLE "sighting" (
	"source_id" text NOT NULL,
	"kind" text NOT NULL,
	"run_id" text NOT NULL,
	"page" integer NOT NULL,
	"ids" uuid[] NOT NULL,
	CONSTRAINT "sighting_source_id_kind_run_id_page_pk" PRIMARY KEY("source_id","kind","run_id","page")
);
--> statement-breakpoint
CREATE TABLE "source" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"region" text,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"every_ms" integer NOT NULL,
	"stale_after_ms" bigint NOT NULL,
	"server_uid" text,
	"server_version" text,
	"discovered_at" timestamp (3) with time zone,
	"discovery_etag" text,
	"discovery_asked" text,
	"registered_at" timestamp (3) with time zone NOT NULL,
	"removed_at" timestamp (3) with time zone,
	"last_attempt_at" timestamp (3) with time zone,
	"last_success_at" timestamp (3) with time zone,
	"trouble_code" text,
	"trouble_message" text,
	"trouble_at" timestamp (3) with time zone,
	"consecutive_failures" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"not_before" timestamp (3) with time zone,
	"enqueued_at" timestamp (3) with time zone,
	"lease_holder" text,
	"lease_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "unsettled" (
	"mark" bigint GENERATED ALWAYS AS IDENTITY (sequence name "unsettled_mark_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source_id" text NOT NULL,
	"cluster_id" uuid NOT NULL,
	"owner_namespace" text NOT NULL,
	"owner_name" text NOT NULL,
	CONSTRAINT "unsettled_source_id_mark_pk" PRIMARY KEY("source_id","mark")
);
--> statement-breakpoint
CREATE TABLE "binding" (
	"claim" text PRIMARY KEY NOT NULL,
	"cluster_id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"evidence" jsonb NOT NULL,
	"bound_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cluster" (
	"id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"namespace" text NOT NULL,
	"name" text NOT NULL,
	"object_id" uuid,
	"labels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"environment" text,
	"owner" text,
	"ring" text,
	"contact" text,
	"provider" text,
	"flavour" text,
	"region" text,
	"arm_id" text,
	"phase" text,
	"topology_class" text,
	"created_at" timestamp (3) with time zone,
	"version_declared" text,
	"declared_major" integer,
	"declared_minor" integer,
	"declared_patch" integer,
	"version_observed" text,
	"observed_major" integer,
	"observed_minor" integer,
	"observed_patch" integer,
	"control_plane_desired" integer,
	"control_plane_current" integer,
	"control_plane_ready" integer,
	"control_plane_available" integer,
	"control_plane_up_to_date" integer,
	"workers_desired" integer,
	"workers_current" integer,
	"workers_ready" integer,
	"workers_available" integer,
	"workers_up_to_date" integer,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"message" text NOT NULL,
	"since" timestamp (3) with time zone,
	"underlying" text,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"holds_until" timestamp (3) with time zone,
	"state_since" timestamp (3) with time zone NOT NULL,
	"gitops_state" text,
	"gitops" jsonb,
	"root_cause" jsonb,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"composed_at" timestamp (3) with time zone NOT NULL,
	"gone_at" timestamp (3) with time zone,
	"digest" uuid NOT NULL,
	CONSTRAINT "cluster_id_source_id_pk" PRIMARY KEY("id","source_id")
);
--> statement-breakpoint
CREATE TABLE "node_pool" (
	"id" uuid NOT NULL,
	"source_id" text NOT NULL,
	"cluster_id" uuid NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"mode" text,
	"version_declared" text,
	"declared_major" integer,
	"declared_minor" integer,
	"declared_patch" integer,
	"version_observed" text,
	"observed_major" integer,
	"observed_minor" integer,
	"observed_patch" integer,
	"node_image" text,
	"vm_size" text,
	"autoscaled" boolean NOT NULL,
	"replicas_desired" integer,
	"replicas_current" integer,
	"replicas_ready" integer,
	"replicas_available" integer,
	"replicas_up_to_date" integer,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	"message" text NOT NULL,
	"since" timestamp (3) with time zone,
	"underlying" text,
	"flags" text[] DEFAULT '{}' NOT NULL,
	"holds_until" timestamp (3) with time zone,
	"state_since" timestamp (3) with time zone NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"composed_at" timestamp (3) with time zone NOT NULL,
	"gone_at" timestamp (3) with time zone,
	CONSTRAINT "node_pool_id_source_id_pk" PRIMARY KEY("id","source_id")
);
--> statement-breakpoint
CREATE INDEX "object_by_kind" ON "object" USING btree ("source_id","kind");--> statement-breakpoint
CREATE INDEX "object_by_name" ON "object" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "object_by_cluster" ON "object" USING btree ("cluster_id") WHERE cluster_id is not null;--> statement-breakpoint
CREATE INDEX "object_by_parent" ON "object" USING btree ("parent_id") WHERE parent_id is not null and not owner_named;--> statement-breakpoint
CREATE INDEX "object_by_holds_until" ON "object" USING btree ("holds_until") WHERE holds_until is not null and gone_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "source_server_uid" ON "source" USING btree ("server_uid") WHERE removed_at is null;--> statement-breakpoint
CREATE INDEX "binding_by_cluster" ON "binding" USING btree ("cluster_id");--> statement-breakpoint
CREATE INDEX "cluster_by_name" ON "cluster" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "cluster_by_created" ON "cluster" USING btree (coalesce(created_at, '-infinity'::timestamptz),"id");--> statement-breakpoint
CREATE INDEX "cluster_by_severity" ON "cluster" USING btree ((case state when 'Healthy' then 6 when 'Progressing' then 5 when 'Degraded' then 3 when 'Failed' then 2 when 'Suspended' then 1 when 'Deleting' then 0 when 'Unknown' then 4 when 'Stale' then 7 end),"id");--> statement-breakpoint
CREATE INDEX "cluster_by_state_since" ON "cluster" USING btree ("state_since","id");--> statement-breakpoint
CREATE INDEX "cluster_by_version" ON "cluster" USING btree (coalesce(case when observed_major is not null then observed_major * 1000000 + observed_minor * 1000 + coalesce(observed_patch, 0) else declared_major * 1000000 + declared_minor * 1000 + coalesce(declared_patch, 0) end, -1),"id");--> statement-breakpoint
CREATE INDEX "cluster_by_holds_until" ON "cluster" USING btree ("holds_until") WHERE holds_until is not null and gone_at is null;--> statement-breakpoint
CREATE INDEX "node_pool_by_cluster" ON "node_pool" USING btree ("cluster_id","name","id");--> statement-breakpoint
CREATE INDEX "node_pool_by_name" ON "node_pool" USING btree ("name","id");